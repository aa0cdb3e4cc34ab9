// A public address that somebody has: one that an account keeps and moves between its instances
// (elastic), or one that an instance got at launch and gives back with its end.
#pragma once

#include <string>

#include "clc/domain/ids.h"
#include "clc/domain/instance.h"
#include "common/base/time.h"

namespace angophora::clc {

struct PublicAddress {
  std::uint32_t address = 0;  // host byte order
  AccountId account;
  AllocationId allocation;  // empty: the instance got it at launch
  bool is_classic = false;  // asked for with Domain=standard: spoken of by its address alone
  InstanceId instance;      // empty: nobody has it now
  AssociationId association;
  common::SysTime allocated_at{};
  Tags tags = {};
  std::uint32_t private_ip = 0;  // of the instance, where an action looked it up

  bool is_elastic() const { return !allocation.empty(); }
  bool is_associated() const { return !instance.empty(); }
};

}  // namespace angophora::clc
