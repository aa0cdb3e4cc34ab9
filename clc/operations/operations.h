// The SOAP operations of the cloud controller, one file each.
#pragma once

#include "clc/components/registry_issuer.h"
#include "clc/services.h"
#include "common/registry/table.h"
#include "common/soap/dispatcher.h"

namespace angophora::clc::operations {

struct Context {
  Services& services;
  RegistryIssuer& issuer;
  registry::RegistryTable& table;
};

// Serves all of operations.inc. `context` outlives the dispatcher's last request.
void serve_all(soap::Dispatcher& dispatcher, Context& context);

#define OPERATION(name, function, ...)                                           \
  Task<soap::cloud::name::Reply> function(Context& context, soap::Caller caller, \
                                          soap::cloud::name::Request request);
#include "clc/operations/operations.inc"
#undef OPERATION

}  // namespace angophora::clc::operations
