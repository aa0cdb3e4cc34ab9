// A bundle's manifest as euca2ools would write it, with keys of its own.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "common/crypto/rsa.h"

namespace angophora::clc::testing {

struct SampleKeys {
  crypto::PrivateKey user, stranger, cloud;
};
// Made once per test program; small, to be quick.
const SampleKeys& sample_keys();

struct SampleBundle {
  std::string name = "guest.img";
  std::string user = "123456789012";
  std::string kind = "machine";
  std::string architecture = "x86_64";
  std::string kernel_id;   // "true" for a kernel
  std::string ramdisk_id;  // "true" for a ramdisk
  std::string key_hex = "000102030405060708090a0b0c0d0e0f";
  std::string iv_hex = "f0f1f2f3f4f5f6f7f8f9fafbfcfdfeff";
  std::vector<std::pair<std::string, int>> parts = {{"guest.img.part.0", 200},
                                                    {"guest.img.part.1", 100}};
  // Signed by the sample user.
  std::string document() const;
};

}  // namespace angophora::clc::testing
