// What must hold. Always: nothing promised is lost or ended unasked (but for what had no image any
// more), no guest runs twice, moves or outlives its instance, no id, address or MAC is given twice,
// no node is over capacity. Once the faults have stopped: every instance is what its user wants,
// and nothing else is left anywhere.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "clc/domain/instance.h"
#include "tests/sim/users.h"

namespace angophora::sim {

class Checks {
 public:
  Checks(Cloud& cloud, Users& users, ImageUsers& images)
      : cloud_(cloud), users_(users), images_(images) {}

  // At every moment: looks at the machines when something on them has changed.
  void look();
  // Compares the database with the promises, each second from now on.
  void begin_audits();
  std::uint64_t audits() const { return audits_; }
  // What is not yet as it should be once all is over; empty when all is. By the last audit.
  std::string unsettled() const;

 private:
  void look_at_guests();
  void look_at_ports();
  void audit(const std::vector<clc::Instance>& instances);
  void audit_one(const clc::Instance& instance);
  void audit_addresses(const std::vector<clc::Instance>& instances);
  const clc::Instance* row(const InstanceId& id) const;
  std::string unsettled_instance(const clc::Instance& instance) const;
  std::string leftovers(NcHost& node) const;
  bool had_no_image(const clc::Instance& instance) const;

  Cloud& cloud_;
  Users& users_;
  ImageUsers& images_;
  std::uint64_t seen_changes_ = 0;
  std::uint64_t audits_ = 0;
  std::map<InstanceId, std::string> homes_;   // where each guest first ran
  std::map<InstanceId, clc::Instance> rows_;  // of the last audit
};

}  // namespace angophora::sim
