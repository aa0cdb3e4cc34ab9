#include "clc/actions/monitoring.h"

#include "clc/actions/instance_selection.h"
#include "clc/domain/instance_errors.h"
#include "clc/store/instance_attributes.h"

namespace angophora::clc {
namespace {

Result<std::vector<Instance>> change(Tx& tx, const Caller& caller,
                                     const std::vector<InstanceId>& ids, bool on) {
  TRY(const auto instances, named_instances(tx, caller, ids));
  for (const auto& instance : instances) {
    if (instance.state == InstanceState::terminated ||
        instance.state == InstanceState::shutting_down)
      return Error(InstanceErrc::incorrect_state, "The instance '" + instance.id.value + "' is '" +
                                                      std::string(to_string(instance.state)) +
                                                      "' and cannot be monitored");
    TRY_VOID(InstanceAttributes(tx).set_monitoring(instance.id, on));
  }
  return instances;
}

}  // namespace

Task<Reply> switch_monitoring(Services& s, Caller caller, std::vector<InstanceId> ids, bool on,
                              std::string transition) {
  const auto work = [caller, ids, on](Tx& tx) { return change(tx, caller, ids, on); };
  CO_TRY(const auto instances, co_await commit(s, caller, work));
  Reply reply;
  reply.list("instancesSet", instances, [&transition](const Instance& instance, Element& item) {
    item.add("instanceId", instance.id);
    item.child("monitoring").add("state", transition);
  });
  co_return reply;
}

}  // namespace angophora::clc
