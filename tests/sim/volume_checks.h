// What must hold of volumes. Always: no promised volume is lost, none is open to two, and none that
// is free can be opened by anybody. Once the faults have stopped: every volume is free or attached,
// an attached one is in its guest, and nothing else is left anywhere.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "clc/domain/volume.h"
#include "tests/sim/users.h"

namespace angophora::sim {

// A client that reaches the bytes now: what it was given still opens the export.
bool is_connected(const nc::FakeVolumeClients::Client& client, const sc::ExportSpec& served);
// The instance runs there and has the volume's disk.
bool has_disk(const Machine& machine, const InstanceId& instance, const VolumeId& volume);

class VolumeChecks {
 public:
  VolumeChecks(Cloud& cloud, Users& users) : cloud_(cloud), users_(users) {}

  // At every moment.
  void look();
  // Compares the database with the storage controller, each second from now on.
  void begin_audits();
  // What is not yet as it should be once all is over; empty when all is. By the last audit.
  std::string unsettled() const;

 private:
  void audit(const std::vector<clc::Volume>& volumes);
  std::string unsettled_volume(const clc::Volume& volume) const;
  std::string leftovers(NcHost& node) const;
  // True when the volume is attached to that instance on that node.
  bool belongs(const VolumeId& volume, const InstanceId& instance, const std::string& node) const;

  Cloud& cloud_;
  Users& users_;
  std::map<VolumeId, clc::Volume> rows_;  // of the last audit
};

}  // namespace angophora::sim
