// The one transaction of RunInstances: everything that is promised with the answer is claimed in
// it. Runs on the database's writer.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "clc/actions/action.h"
#include "clc/actions/profile_wish.h"
#include "clc/actions/quotas.h"
#include "clc/domain/addresses.h"
#include "clc/domain/instance_types.h"
#include "clc/domain/public_pool.h"
#include "clc/domain/zone_report.h"

namespace angophora::clc {

// What a zone last reported, taken along to the writer's thread.
struct ZoneRoom {
  ZoneName zone;
  std::vector<NodeState> nodes;
};

struct LaunchRequest {
  AccountId account;
  ClientToken client_token;
  std::int64_t min_count = 1;
  std::int64_t max_count = 1;
  ImageId image;
  ImageId kernel;   // empty: the image's
  ImageId ramdisk;  // empty: the image's
  InstanceType type;
  std::string key_name;
  std::vector<GroupId> groups;
  std::vector<std::string> group_names;
  std::optional<ProfileWish> profile;
  SubnetId subnet;              // empty: any
  std::vector<ZoneRoom> rooms;  // of the zones that may be chosen
  std::string cidr;
  InstanceNetwork network;
  bool wants_public_address = false;  // each of them, out of this pool
  PublicPool pool;
  common::SysTime now{};
  Instance model;  // what all instances have in common and the request says
};

// The instances of the first request with this token; nothing when there was none.
Result<std::optional<std::vector<Instance>>> launched_before(Tx& tx, const AccountId& account,
                                                             const ClientToken& token);
// Claims everything, or fails with the first thing that is wrong and claims nothing. A repeated
// ClientToken answers with the instances of the first request.
Result<std::vector<Instance>> launch(Tx& tx, common::Runtime& runtime, LaunchRequest request,
                                     const Quotas& quotas);

}  // namespace angophora::clc
