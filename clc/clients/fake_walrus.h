// A Walrus that admits whatever bundles it was given. For tests of the cloud controller.
#pragma once

#include <map>
#include <set>

#include "clc/clients/walrus_client.h"

namespace angophora::clc {

class FakeWalrus final : public WalrusClient {
 public:
  std::map<std::string, AdmittedBundle> bundles;  // by bucket/key
  std::set<AccountId> forbidden;                  // may read nothing
  std::set<ImageId> admitted;
  bool is_down = false;

  Task<AdmittedBundle> admit_image(ServiceName, ImageId image, AccountId account,
                                   std::string bucket, std::string manifest_key,
                                   std::string) override {
    using common::Errc;
    using common::Error;
    if (is_down) co_return Error(Errc::unavailable, "Walrus cannot be reached");
    if (forbidden.contains(account)) co_return Error(Errc::permission_denied, "may not be read");
    const auto found = bundles.find(bucket + "/" + manifest_key);
    if (found == bundles.end()) co_return Error(Errc::not_found, "no such manifest");
    admitted.insert(image);
    co_return found->second;
  }
  Task<> forget_image(ServiceName, ImageId image) override {
    if (is_down) co_return common::Error(common::Errc::unavailable, "Walrus cannot be reached");
    admitted.erase(image);
    co_return common::ok();
  }
};

}  // namespace angophora::clc
