// What actions, operations and reconcilers work with. The daemon (or a test, or the simulation)
// builds each part and hands them in; everything here outlives every request.
#pragma once

#include "clc/actions/paging.h"
#include "clc/config.h"
#include "clc/domain/cloud_keys.h"
#include "clc/domain/properties.h"
#include "clc/domain/service.h"
#include "common/db/database.h"
#include "common/runtime/runtime.h"

namespace angophora::soap {
class Channel;
}

namespace angophora::clc {

struct InstanceServices;  // clc/instance_services.h

// Told after a change was committed, so that whoever copies it onwards need not poll.
struct Changes {
  common::Wake registry;    // a service was registered, enrolled, changed or removed
  common::Wake identities;  // an account, user, key or certificate
  common::Wake network;     // a security group, rule, instance or address
  common::Wake instances;   // an instance row wants something
  common::Wake volumes;     // a volume or an attachment wants something, or a zone has reported
};

// Where other daemons reach this one.
struct OwnAddress {
  std::string host;
  std::uint16_t port = 0;
};

struct Services {
  common::Runtime& runtime;
  db::Database& db;
  const Config& config;
  const CloudKeys& keys;
  Properties& properties;   // cloud-wide values that change at run time
  ServiceStates& states;    // how each registered component is, as last seen
  const PageSealer& pages;  // NextToken
  Changes& changes;
  OwnAddress own_address;
  soap::Channel* channel = nullptr;   // to the other daemons; tests that need none leave it out
  InstanceServices* cloud = nullptr;  // what instances and images need; likewise
};

}  // namespace angophora::clc
