#include "nc/operations/operations.h"

namespace angophora::nc {

using soap::Role;

void serve_operations(soap::Dispatcher& dispatcher, Services& services) {
  using namespace operations;
#define OPERATION(name, function)                                                            \
  dispatcher.serve<soap::node::name>(                                                        \
      {Role::cluster}, [&services](soap::Caller caller, soap::node::name::Request request) { \
        return function(services, std::move(caller), std::move(request));                    \
      });
#include "nc/operations/operations.inc"
#undef OPERATION
}

}  // namespace angophora::nc
