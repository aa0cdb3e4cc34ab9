// GetConsoleOutput: the last part of what an instance wrote to its serial console.
#include "clc/actions/instance_selection.h"
#include "clc/domain/instance_errors.h"
#include "clc/instance_services.h"
#include "common/base/encoding.h"

namespace angophora::clc::actions {
namespace {

constexpr std::size_t kOutputBytesMax = 64 * 1024;

struct Request {
  InstanceId id;
  bool latest = false;  // the answer always is
};

constexpr Param<Request> kParams[] = {
    required<&Request::id>("InstanceId"),
    optional<&Request::latest>("Latest"),
};

// Nothing was written yet by an instance that has no node, and nothing is kept of one that ended.
Task<ConsoleOutput> read_console(Services& s, Instance instance, std::string request_id) {
  const auto* zone = s.cloud->zones.find(instance.zone);
  if (instance.node.empty() || instance.state == InstanceState::terminated) {
    ConsoleOutput nothing;
    nothing.at = instance.changed_at;
    co_return nothing;
  }
  if (!zone)
    co_return Error(common::Errc::unavailable, "zone " + instance.zone.value + " is not served");
  const auto cluster = zone->cluster;
  GuestRef guest{instance.node, instance.id, instance.placement_no};
  auto output =
      co_await s.cloud->clusters.console_output(cluster, std::move(guest), std::move(request_id));
  if (output || output.error().code != common::Errc::not_found) co_return output;
  ConsoleOutput nothing;  // the node has not got to it yet
  nothing.at = s.runtime.now();
  co_return nothing;
}

Task<Reply> handle(Services& s, Caller caller, Request request) {
  const std::vector<InstanceId> ids{request.id};
  const auto find = [caller, ids](Tx& tx) { return named_instances(tx, caller, ids); };
  CO_TRY(const auto instances, co_await s.db.read(find));
  const auto instance = instances.front();
  CO_TRY(auto output, co_await read_console(s, instance, caller.request_id));
  if (output.bytes.size() > kOutputBytesMax)
    output.bytes.erase(0, output.bytes.size() - kOutputBytesMax);
  Reply reply;
  reply.add("instanceId", request.id).add("timestamp", output.at);
  reply.add("output", common::base64_encode(output.bytes));
  co_return reply;
}

}  // namespace

extern const Action GetConsoleOutput{
    .name = "GetConsoleOutput",
    .permission = "ec2:GetConsoleOutput",
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace angophora::clc::actions
