#include "walrus/operations/operations.h"

namespace angophora::walrus {
void serve_operations(soap::Dispatcher& dispatcher, OperationServices& services) {
  const auto serve = [&]<class Op>(soap::Role role, auto function) {
    dispatcher.serve<Op>({role},
                         [&services, function](soap::Caller caller, typename Op::Request request) {
                           return function(services, std::move(caller), std::move(request));
                         });
  };
#define OPERATION(name, function, role) \
  serve.template operator()<soap::walrus::name>(role, function);
#include "walrus/operations/operations.inc"
#undef OPERATION
}

}  // namespace angophora::walrus
