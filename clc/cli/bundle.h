// Bundles a disk image as Amazon's tools do: tar, gzip, AES-128-CBC, parts and a signed
// manifest that only the cloud and the user can open. The format is that of AMI manifests of
// version 2007-10-10.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "common/base/result.h"
#include "common/crypto/rsa.h"
#include "common/crypto/x509.h"

namespace angophora::clc::cli {

using common::Result;

struct BundleRequest {
  std::string image_path;  // raw bytes
  std::string name;        // of the image inside the bundle and of its parts
  std::string kind;        // machine, kernel or ramdisk
  std::string architecture = "x86_64";
  std::string kernel_id, ramdisk_id;  // empty: none
  std::string account_id;
  std::string out_path;  // the encrypted bytes of all parts, one file
  std::string key, iv;   // 16 random bytes each
  std::uint64_t part_bytes = 10 * 1024 * 1024;
};

struct BundlePart {
  std::string file_name;
  std::uint64_t offset = 0;  // in out_path
  std::uint64_t length = 0;
};

struct Bundle {
  std::vector<BundlePart> parts;
  std::string manifest;  // XML
};

// Called with bytes done and bytes in all; false gives up.
using Progress = std::function<bool(std::uint64_t, std::uint64_t)>;

// Blocks for as long as it takes to read, compress and encrypt the image: belongs on the pool.
// Errc::cancelled when `progress` gave up.
Result<Bundle> bundle_image(const BundleRequest& request, const crypto::Certificate& cloud,
                            const crypto::Certificate& user, const crypto::PrivateKey& user_key,
                            const Progress& progress);

}  // namespace angophora::clc::cli
