// RebootInstances: restarts guests where they are. Passed on at once: a reboot is an event and not
// a state to be reached, so there is nothing to remember.
#include <map>

#include "clc/actions/instance_selection.h"
#include "clc/domain/instance_errors.h"
#include "clc/instance_services.h"
#include "common/log/log.h"

namespace angophora::clc::actions::reboot_instances {
namespace {

struct Request {
  std::vector<InstanceId> ids;
};

constexpr Param<Request> kParams[] = {required<&Request::ids>("InstanceId")};

Result<> check_states(const std::vector<Instance>& instances) {
  for (const auto& instance : instances)
    if (instance.state != InstanceState::running)
      return Error(InstanceErrc::incorrect_state, "The instance '" + instance.id.value +
                                                      "' is not in the 'running' state, but '" +
                                                      std::string(to_string(instance.state)) + "'");
  return common::ok();
}

Task<> reboot_in_zone(Services& s, ZoneName zone_name, std::vector<GuestRef> guests,
                      std::string request_id) {
  const auto* zone = s.cloud->zones.find(zone_name);
  if (!zone)
    co_return Error(common::Errc::unavailable, "zone " + zone_name.value + " is not served");
  const auto cluster = zone->cluster;
  CO_TRY(const auto outcomes, co_await s.cloud->clusters.reboot_instances(
                                  cluster, std::move(guests), std::move(request_id)));
  for (const auto& outcome : outcomes) {
    if (outcome.accepted) continue;
    if (outcome.code == "incorrect_state" || outcome.code == "not_found")
      co_return Error(
          InstanceErrc::incorrect_state,
          "The instance '" + outcome.id.value + "' cannot be rebooted now: " + outcome.reason);
    co_return Error(common::Errc::unavailable, outcome.id.value + ": " + outcome.reason);
  }
  co_return common::ok();
}

Task<Reply> handle(Services& s, Caller caller, Request request) {
  const auto find = [caller, ids = request.ids](Tx& tx) {
    return named_instances(tx, caller, ids);
  };
  CO_TRY(const auto instances, co_await s.db.read(find));
  CO_TRY_VOID(check_states(instances));
  if (caller.dry_run) co_return would_have_succeeded();
  std::map<ZoneName, std::vector<GuestRef>> by_zone;
  for (const auto& instance : instances)
    by_zone[instance.zone].push_back({instance.node, instance.id, instance.placement_no});
  for (auto& [zone, guests] : by_zone) {
    auto name = zone;
    CO_TRY_VOID(co_await reboot_in_zone(s, std::move(name), std::move(guests), caller.request_id));
  }
  co_return reply_true();
}

}  // namespace

extern const Action RebootInstances{
    .name = "RebootInstances",
    .permission = "ec2:RebootInstances",
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace angophora::clc::actions::reboot_instances
