// DeregisterService (bootstrap): a component no longer belongs to the cloud; its key opens nothing
// from now on. With Force also a node whose machine is gone for good: its instances have ended.
#include "clc/actions/bootstrap.h"
#include "clc/domain/guest_judgement.h"
#include "clc/store/events.h"
#include "clc/store/instances.h"
#include "clc/store/registrations.h"

namespace angophora::clc::actions::deregister_service {
namespace {

struct Request {
  ServiceName name;
  std::string type;
  bool force = false;
};

constexpr Param<Request> kParams[] = {
    required<&Request::name>("Name"),
    optional<&Request::type>("Type"),
    optional<&Request::force>("Force"),
};

// The administrator's word that nothing of them runs any more. Their addresses are free; their
// volumes are, once the storage controller has closed what that node had open.
Result<> end_instances(Tx& tx, const Service& node, common::SysTime now) {
  Instances instances(tx);
  TRY(const auto there, instances.on_node(NodeName(node.name.value)));
  const auto reason = server_failed("the node " + node.name.value + " was taken out of the cloud");
  for (const auto& instance : there)
    TRY_VOID(
        instances.advance(instance.id, instance.placement_no, InstanceEvent::lost, reason, now));
  return common::ok();
}

Result<> remove(Tx& tx, const Caller& caller, const Request& request, common::SysTime now) {
  Registrations registrations(tx);
  TRY(const auto service, registrations.get(request.name));
  if (!request.type.empty()) {
    TRY(const auto type, service_type_of(request.type));
    if (type != service.type)
      return Error(ServiceErrc::not_found,
                   "No service of type " + request.type + " is named '" + request.name.value + "'");
  }
  const bool is_node = service.type == ServiceType::node;
  if (request.force && !is_node)
    return Error(RequestErrc::invalid_combination,
                 "Force is for nodes; '" + request.name.value + "' is none");
  if (request.force) TRY_VOID(end_instances(tx, service, now));
  TRY(const bool in_use, registrations.has_instances(service));
  if (in_use)
    return Error(ServiceErrc::in_use,
                 "The service '" + request.name.value + "' has instances; terminate them first" +
                     (is_node ? ", or, when its machine is gone for good, deregister it with Force "
                                "(angophora service deregister --force): they end with it"
                              : ""));
  TRY(const bool keeps_volumes, registrations.has_volumes(service));
  if (keeps_volumes)
    return Error(ServiceErrc::in_use,
                 "The service '" + request.name.value + "' has volumes; delete them first");
  TRY_VOID(registrations.remove(request.name));
  return Events(tx).append(service_event("deregistered", request.name, "user=" + caller.user_name),
                           now);
}

Task<Reply> handle(Services& s, Caller caller, Request request) {
  const auto now = s.runtime.now();
  const auto change = [caller, request, now](Tx& tx) { return remove(tx, caller, request, now); };
  CO_TRY_VOID(co_await commit(s, caller, change));
  s.states.forget(request.name);
  s.changes.registry.notify();
  s.changes.instances.notify();
  s.changes.volumes.notify();
  s.changes.network.notify();
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

}  // namespace angophora::clc::actions::deregister_service
