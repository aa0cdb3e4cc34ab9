// The node controller as one object, for main() with real seams and for simulations with fakes.
#pragma once

#include <string>

#include "common/runtime/runtime.h"
#include "common/soap/dispatcher.h"
#include "nc/config.h"
#include "nc/instances/host_facts.h"
#include "nc/instances/instances.h"
#include "nc/operations/operations.h"

namespace angophora::nc {

// I/O thread only. Outlives the runtime's coroutines.
class Daemon {
 public:
  // Who this node is, as the registry says.
  struct Name {
    common::NodeName node;
    common::ZoneName zone;
  };

  Daemon(common::Runtime& runtime, const Config& config, Name name, HostFacts host,
         Instances::Seams seams);

  // Goes on with what is on disk. The dispatcher may be reached from then on.
  common::Task<> start();

  soap::Dispatcher& dispatcher() { return dispatcher_; }
  const Instances& instances() const { return instances_; }
  const MetadataSource& metadata_source() const { return instances_; }

  // Why this node takes no work; empty when it does.
  std::string why_not_ready() const { return instances_.report().reason; }

 private:
  Instances instances_;
  Services services_;
  soap::Dispatcher dispatcher_;
};

// Where things lie below the state folder.
std::string instances_dir(const Config& config);
std::string records_dir(const Config& config);
std::string images_dir(const Config& config);

}  // namespace angophora::nc
