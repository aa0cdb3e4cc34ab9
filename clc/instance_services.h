// What actions about instances and images work with, beside the rest of Services.
#pragma once

#include "clc/clients/cluster_client.h"
#include "clc/clients/walrus_client.h"
#include "clc/domain/addresses.h"
#include "clc/domain/image_key_opener.h"
#include "clc/domain/storage_report.h"
#include "clc/domain/zones.h"

namespace angophora::clc {

struct InstanceServices {
  Zones& zones;
  ClusterClient& clusters;
  WalrusClient& walrus;
  ImageKeyOpener& image_keys;
  InstanceNetwork network;
  const StorageReports* storage = nullptr;  // what the zones' volumes were last seen to be
};

}  // namespace angophora::clc
