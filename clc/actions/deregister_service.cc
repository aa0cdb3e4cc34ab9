// DeregisterService (bootstrap): a component no longer belongs to the cloud; its key opens nothing
// from now on.
#include "clc/actions/bootstrap.h"
#include "clc/store/registrations.h"

namespace angophora::clc::actions {
namespace {

struct Request {
  ServiceName name;
  std::string type;
};

constexpr Param<Request> kParams[] = {
    required<&Request::name>("Name"),
    optional<&Request::type>("Type"),
};

Result<> remove(Tx& tx, const Request& request) {
  Registrations registrations(tx);
  TRY(const auto service, registrations.get(request.name));
  if (!request.type.empty()) {
    TRY(const auto type, service_type_of(request.type));
    if (type != service.type)
      return Error(ServiceErrc::not_found,
                   "No service of type " + request.type + " is named '" + request.name.value + "'");
  }
  TRY(const bool in_use, registrations.has_instances(service));
  if (in_use)
    return Error(ServiceErrc::in_use,
                 "The service '" + request.name.value + "' has instances; terminate them first");
  TRY(const bool keeps_volumes, registrations.has_volumes(service));
  if (keeps_volumes)
    return Error(ServiceErrc::in_use,
                 "The service '" + request.name.value + "' has volumes; delete them first");
  return registrations.remove(request.name);
}

Task<Reply> handle(Services& s, Caller caller, Request request) {
  const auto change = [request](Tx& tx) { return remove(tx, request); };
  CO_TRY_VOID(co_await commit(s, caller, change));
  s.states.forget(request.name);
  s.changes.registry.notify();
  co_return reply_true();
}

}  // namespace

extern const Action DeregisterService{
    .name = "DeregisterService",
    .permission = "bootstrap:DeregisterService",
    .api = Api::bootstrap,
    .administrators_only = true,
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace angophora::clc::actions
