// GetConsoleOutput: the last part of what an instance wrote to its serial console.
#include "clc/actions/console.h"
#include "clc/actions/instance_selection.h"
#include "common/base/encoding.h"

namespace angophora::clc::actions::get_console_output {
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

}  // namespace angophora::clc::actions::get_console_output
