// TerminateInstances: the caller no longer wants these instances. All or none.
#include <map>

#include "clc/actions/instance_selection.h"
#include "clc/actions/instance_xml.h"
#include "clc/domain/guest_judgement.h"
#include "clc/domain/instance_errors.h"
#include "clc/store/events.h"
#include "clc/store/instances.h"
#include "common/log/log.h"

namespace angophora::clc::actions::terminate_instances {
namespace {

struct Request {
  std::vector<InstanceId> ids;
};

constexpr Param<Request> kParams[] = {required<&Request::ids>("InstanceId")};

struct Change {
  InstanceId id;
  InstanceState before;
  InstanceState now;
};

Result<std::vector<Change>> terminate(Tx& tx, const Caller& caller,
                                      const std::vector<InstanceId>& ids, common::SysTime now) {
  TRY(const auto instances, named_instances(tx, caller, ids));
  for (const auto& instance : instances)
    if (instance.termination_protected && instance.state != InstanceState::terminated)
      return Error(InstanceErrc::termination_protected,
                   "The instance '" + instance.id.value +
                       "' may not be terminated: its attribute 'disableApiTermination' is set");
  std::vector<Change> changes;
  for (const auto& instance : instances) {
    TRY_VOID(Instances(tx).want_end(instance.id, user_ended_it(), now));
    TRY(const auto after, Instances(tx).find(instance.id));
    if (after->state != instance.state)
      TRY_VOID(Events(tx).append({instance.account, "instance.shutting-down", instance.id.value,
                                  "user=" + caller.user_name},
                                 now));
    changes.push_back({instance.id, instance.state, after->state});
  }
  return changes;
}

Task<Reply> handle(Services& s, Caller caller, Request request) {
  const auto now = s.runtime.now();
  const auto change = [caller, ids = request.ids, now](Tx& tx) {
    return terminate(tx, caller, ids, now);
  };
  CO_TRY(const auto changes, co_await commit(s, caller, change));
  s.changes.instances.notify();
  Reply reply;
  reply.list("instancesSet", changes, [&caller](const Change& c, Element& item) {
    log::info("instance.unwanted", {{"request_id", caller.request_id}, {"instance", c.id}});
    item.add("instanceId", c.id);
    add_state(item, "currentState", c.now);
    add_state(item, "previousState", c.before);
  });
  co_return reply;
}

}  // namespace

extern const Action TerminateInstances{
    .name = "TerminateInstances",
    .permission = "ec2:TerminateInstances",
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace angophora::clc::actions::terminate_instances
