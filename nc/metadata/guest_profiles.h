// What guests read below meta-data/iam: their instance profiles, and credentials of the roles,
// which are in this memory alone and are renewed an hour before they end.
//
// Threads: I/O thread only.
#pragma once

#include <map>
#include <string>

#include "common/runtime/runtime.h"
#include "nc/metadata/profile_source.h"

namespace angophora::nc {

class GuestProfiles {
 public:
  using Leaves = std::map<std::string, std::string, std::less<>>;  // paths below meta-data

  // `runtime` and `source` outlive it; without a source nobody has a profile.
  GuestProfiles(common::Runtime& runtime, ProfileSource* source)
      : runtime_(runtime), source_(source) {}

  // Whoever answers for profiles is asked again after ten seconds; while he does not answer, what
  // was known goes on, credentials until they expire. Errc::unavailable when nothing is known.
  common::Task<Leaves> leaves_of(InstanceSpec spec);

 private:
  struct Known {
    bool answered = false;
    bool asking = false;
    common::SteadyTime ask_at{};
    common::SteadyTime used_at{};
    common::SysTime told_at{};
    std::optional<GuestProfile> profile;
  };
  common::Task<> ask(InstanceSpec spec);
  void keep(Known& known, std::optional<GuestProfile> told);
  void forget_old(common::SteadyTime now);
  Leaves show(const Known& known) const;

  common::Runtime& runtime_;
  ProfileSource* source_;
  std::map<InstanceId, Known> known_;
};

}  // namespace angophora::nc
