#include "clc/operations/operations.h"

namespace angophora::clc::operations {

void serve_all(soap::Dispatcher& dispatcher, Context& context) {
  using soap::Role;
#define OPERATION(name, function, ...)                                                     \
  dispatcher.serve<soap::cloud::name>(                                                     \
      {__VA_ARGS__}, [&context](soap::Caller caller, soap::cloud::name::Request request) { \
        return function(context, std::move(caller), std::move(request));                   \
      });
#include "clc/operations/operations.inc"
#undef OPERATION
  dispatcher.set_registry({[&context] { return context.issuer.version(); }, nullptr});
}

}  // namespace angophora::clc::operations
