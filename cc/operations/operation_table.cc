#include "cc/operations/operations.h"

namespace angophora::cc {

void serve_operations(Services& services, soap::Dispatcher& dispatcher) {
#define OPERATION(Name, function)                                                       \
  dispatcher.serve<soap::cluster::Name>(                                                \
      {soap::Role::cloud}, [&services](Caller caller, soap::cluster::Name::Request r) { \
        return function(services, std::move(caller), std::move(r));                     \
      });
#include "cc/operations/operations.inc"
#undef OPERATION
}

}  // namespace angophora::cc
