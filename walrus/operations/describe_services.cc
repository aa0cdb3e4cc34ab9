// DescribeServices: how this component is.
#include "walrus/operations/operations.h"

namespace angophora::walrus {

using DescribeServices = soap::walrus::DescribeServices;

Task<DescribeServices::Reply> describe_services(OperationServices& services, soap::Caller,
                                                DescribeServices::Request) {
  const auto reason = services.status.why_not_ready();
  DescribeServices::Reply reply;
  auto& status = reply.services.emplace_back();
  status.name = services.status.name.value;
  status.type = "walrus";
  status.state = reason.empty() ? "ENABLED" : "NOTREADY";
  if (!reason.empty()) status.reason = reason;
  status.version = services.status.version;
  status.clockMs = services.s3.runtime.now().time_since_epoch().count();
  co_return reply;
}

}  // namespace angophora::walrus
