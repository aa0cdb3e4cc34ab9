#include "walrus/operations/operations.h"

namespace angophora::walrus {
void serve_operations(soap::Dispatcher& dispatcher, OperationServices& services) {
  const auto serve = [&]<class Op>(soap::Role role, auto function) {
    dispatcher.serve<Op>({role},
                         [&services, function](soap::Caller caller, typename Op::Request request) {
                           return function(services, std::move(caller), std::move(request));
                         });
  };
  constexpr auto& AdmitImage = admit_image;
  constexpr auto& ForgetImage = forget_image;
  constexpr auto& DescribeServices = describe_services;
#define OPERATION(name, role) serve.template operator()<soap::walrus::name>(role, name);
#include "walrus/operations/operations.inc"
#undef OPERATION
}

}  // namespace angophora::walrus
