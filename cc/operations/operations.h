// One function per operation, declared from the list.
#pragma once

#include "cc/operations/services.h"

namespace angophora::cc {

#define OPERATION(Name, function)                                       \
  Task<soap::cluster::Name::Reply> function(Services& s, Caller caller, \
                                            soap::cluster::Name::Request request);
#include "cc/operations/operations.inc"
#undef OPERATION

}  // namespace angophora::cc
