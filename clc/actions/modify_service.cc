// ModifyService (bootstrap): stops a component's use, or lets it be used again.
#include "clc/actions/bootstrap.h"
#include "clc/store/events.h"
#include "clc/store/registrations.h"

namespace angophora::clc::actions::modify_service {
namespace {

struct Request {
  ServiceName name;
  std::string state;
};

constexpr Param<Request> kParams[] = {
    required<&Request::name>("Name"),
    required<&Request::state>("State"),
};

Result<> set_wanted(Tx& tx, const ServiceName& name, WantedState wanted, const std::string& user,
                    common::SysTime now) {
  TRY_VOID(Registrations(tx).set_wanted(name, wanted));
  const auto* kind = wanted == WantedState::enabled ? "resumed" : "stopped";
  return Events(tx).append(service_event(kind, name, "user=" + user), now);
}

Task<Reply> handle(Services& s, Caller caller, Request request) {
  const auto state = common::to_lower(request.state);
  if (state != "enabled" && state != "stopped")
    co_return Error(ServiceErrc::bad_state, "Invalid value '" + request.state +
                                                "' for State: it must be ENABLED or STOPPED");
  const auto wanted = state == "enabled" ? WantedState::enabled : WantedState::stopped;
  const auto now = s.runtime.now();
  const auto change = [name = request.name, wanted, user = caller.user_name, now](Tx& tx) {
    return set_wanted(tx, name, wanted, user, now);
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

}  // namespace angophora::clc::actions::modify_service
