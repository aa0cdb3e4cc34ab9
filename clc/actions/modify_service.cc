// ModifyService (bootstrap): stops a component's use, or lets it be used again.
#include "clc/actions/bootstrap.h"
#include "clc/store/registrations.h"

namespace angophora::clc::actions {
namespace {

struct Request {
  ServiceName name;
  std::string state;
};

constexpr Param<Request> kParams[] = {
    required<&Request::name>("Name"),
    required<&Request::state>("State"),
};

Task<Reply> handle(Services& s, Caller caller, Request request) {
  const auto state = common::to_lower(request.state);
  if (state != "enabled" && state != "stopped")
    co_return Error(ServiceErrc::bad_state, "Invalid value '" + request.state +
                                                "' for State: it must be ENABLED or STOPPED");
  const auto wanted = state == "enabled" ? WantedState::enabled : WantedState::stopped;
  const auto change = [name = request.name, wanted](Tx& tx) {
    return Registrations(tx).set_wanted(name, wanted);
  };
  CO_TRY_VOID(co_await commit(s, caller, change));
  s.changes.registry.notify();
  co_return reply_true();
}

}  // namespace

extern const Action ModifyService{
    .name = "ModifyService",
    .permission = "bootstrap:ModifyService",
    .api = Api::bootstrap,
    .administrators_only = true,
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace angophora::clc::actions
