// The SOAP operations of walrus.wsdl and the route on which nodes fetch the parts of images.
#pragma once

#include "common/soap/contracts.h"
#include "common/soap/dispatcher.h"
#include "common/soap/peers.h"
#include "walrus/s3/operation.h"

namespace angophora::walrus {

// How this component is, for DescribeServices.
struct Status {
  common::ServiceName name;
  std::function<std::string()> why_not_ready;  // "" when ready
  std::string version;
};
struct OperationServices {
  Services& s3;
  Status status;
};

Task<soap::walrus::AdmitImage::Reply> admit_image(OperationServices& services, soap::Caller caller,
                                                  soap::walrus::AdmitImage::Request request);
Task<soap::walrus::ForgetImage::Reply> forget_image(OperationServices& services,
                                                    soap::Caller caller,
                                                    soap::walrus::ForgetImage::Request request);
Task<soap::walrus::DescribeServices::Reply> describe_services(
    OperationServices& services, soap::Caller caller,
    soap::walrus::DescribeServices::Request request);

// All of operations.inc. `services` outlives the dispatcher.
void serve_operations(soap::Dispatcher& dispatcher, OperationServices& services);

// GET /images/IMAGE/parts/N for an enrolled node; nothing when the path is another one.
bool is_image_part_path(std::string_view path);
boost::asio::awaitable<http::Response> serve_image_part(Services& services,
                                                        const soap::Peers& peers,
                                                        http::Request& request);

}  // namespace angophora::walrus
