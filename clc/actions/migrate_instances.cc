// MigrateInstances: would move running instances between nodes; this cloud cannot, and says what
// can be done instead.
#include "clc/actions/action.h"

namespace angophora::clc::actions::migrate_instances {
namespace {

struct Request {
  InstanceId instance;
  std::string source_host;
  std::vector<std::string> destinations;
  std::optional<bool> allow_hosts;
};

constexpr Param<Request> kParams[] = {
    optional<&Request::instance>("InstanceId"),
    optional<&Request::source_host>("SourceHost"),
    optional<&Request::destinations>("DestinationHost"),
    optional<&Request::allow_hosts>("AllowHosts"),
};

Task<Reply> handle(Services&, Caller, Request request) {
  if (request.instance.empty() == request.source_host.empty())
    co_return Error(RequestErrc::invalid_combination,
                    "Exactly one of InstanceId and SourceHost is needed");
  co_return Error(RequestErrc::unsupported_operation,
                  "Running instances cannot be moved to another node: their disks are on the one "
                  "they run on. To empty a node, stop it (ModifyService State=STOPPED) so that it "
                  "gets no new instances, and terminate those that it has");
}

}  // namespace

extern const Action MigrateInstances{
    .name = "MigrateInstances",
    .permission = "ec2:MigrateInstances",
    .administrators_only = true,
    .run = parse_then<Request, kParams, handle>,
};

}  // namespace angophora::clc::actions::migrate_instances
