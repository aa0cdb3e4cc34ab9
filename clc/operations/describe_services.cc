// DescribeServices: the cloud controller's own state.
#include "clc/actions/bootstrap.h"
#include "clc/operations/operations.h"

namespace angophora::clc::operations {

Task<soap::cloud::DescribeServices::Reply> describe_services(
    Context& context, soap::Caller, soap::cloud::DescribeServices::Request) {
  t__serviceStatus status;
  status.name = actions::cloud_name().value;
  status.type = std::string(to_string(ServiceType::cloud));
  status.state = "ENABLED";
  status.version = ANGOPHORA_VERSION;
  status.clockMs = context.services.runtime.now().time_since_epoch().count();
  soap::cloud::DescribeServices::Reply reply;
  reply.services.push_back(std::move(status));
  co_return reply;
}

}  // namespace angophora::clc::operations
