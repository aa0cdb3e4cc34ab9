// The object store as one object, for main() with real seams and for simulations: the store with
// S3, and what other daemons call.
#pragma once

#include <memory>
#include <string>

#include "common/soap/dispatcher.h"
#include "walrus/operations/operations.h"
#include "walrus/walrus.h"

namespace angophora::walrus {

// I/O thread only. Outlives the runtime's coroutines.
class Daemon {
 public:
  Daemon(std::unique_ptr<Walrus> walrus, Status status);

  Walrus& walrus() { return *walrus_; }
  soap::Dispatcher& dispatcher() { return dispatcher_; }
  // Why S3 serves nobody; empty when it does.
  std::string why_not_ready() const;

 private:
  std::unique_ptr<Walrus> walrus_;
  OperationServices operations_;
  soap::Dispatcher dispatcher_;
};

}  // namespace angophora::walrus
