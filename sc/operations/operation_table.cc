#include "sc/operations/operations.h"

namespace angophora::sc {

void serve_operations(Services& services, soap::Dispatcher& dispatcher) {
#define OPERATION(Name, role, function)                                                \
  dispatcher.serve<soap::storage::Name>(                                               \
      {soap::Role::role}, [&services](Caller caller, soap::storage::Name::Request r) { \
        return function(services, std::move(caller), std::move(r));                    \
      });
#include "sc/operations/operations.inc"
#undef OPERATION
}

}  // namespace angophora::sc
