// What must hold of elastic addresses. Always: none that was promised is lost, and none belongs to
// two. Once the faults have stopped: each leads to the instance that its user wants, no two guests
// have one, and the nodes know it; one that is moved then is where it must be within three seconds.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "clc/domain/public_address.h"
#include "tests/sim/users.h"

namespace angophora::sim {

class AddressChecks {
 public:
  AddressChecks(Cloud& cloud, Users& users) : cloud_(cloud), users_(users) {}

  // Compares the database with the promises, each second from now on.
  void begin_audits();
  // What is not yet as it should be once all is over; empty when all is. By the last audit.
  std::string unsettled() const;
  // The same of the address that was moved last, by what the nodes know.
  std::string unsettled_move() const;

 private:
  void audit(const std::vector<clc::PublicAddress>& addresses,
             const std::vector<clc::Instance>& instances);
  // Who has the address in a node's document.
  std::string look_for(const std::string& address, const InstanceId& wanted,
                       const std::string& node) const;

  Cloud& cloud_;
  Users& users_;
  std::map<std::string, clc::PublicAddress> rows_;  // of the last audit
  std::map<InstanceId, clc::Instance> instances_;
};

}  // namespace angophora::sim
