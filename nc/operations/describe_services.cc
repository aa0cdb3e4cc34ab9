// DescribeServices: whether this node controller is fit for work, and why not.
#include "nc/operations/operations.h"
#include "nc/operations/wire_forms.h"

namespace angophora::nc::operations {

Reply<soap::node::DescribeServices> describe_services(Services& services, soap::Caller,
                                                      soap::node::DescribeServices::Request) {
  const auto report = services.instances.report();
  t__serviceStatus status;
  status.name = services.node.value;
  status.type = "node";
  if (!services.zone.empty()) status.zone = services.zone.value;
  status.state = report.ready ? "ENABLED" : "NOTREADY";
  if (!report.ready) status.reason = clean_text(report.reason);
  status.version = services.version;
  status.clockMs = services.runtime.now().time_since_epoch().count();
  soap::node::DescribeServices::Reply reply;
  reply.services.push_back(std::move(status));
  co_return reply;
}

}  // namespace angophora::nc::operations
