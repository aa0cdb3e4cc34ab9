// Reads and checks the manifest of a bundle, as euca2ools and Amazon's tools write it.
//
// All values are taken from exactly the bytes that the signature covers: the serialised
// machine_configuration element followed by the serialised image element.
//
// Errors: ImageErrc::invalid_manifest, with what is wrong.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "clc/domain/image.h"
#include "common/base/result.h"
#include "common/crypto/rsa.h"

namespace angophora::clc {

struct ManifestLimits {
  std::size_t manifest_bytes_max = 1 << 20;
  std::int64_t image_bytes_max = std::int64_t{30} << 30;
  std::int64_t parts_max = 20'000;
};

struct Manifest {
  std::string architecture;  // EC2's words: i386, x86_64, arm64
  std::string kernel_id;     // "" none; "true" marks a kernel image
  std::string ramdisk_id;    // "" none; "true" marks a ramdisk image
  std::string name;
  std::string user;  // the account that bundled it
  ImageKind kind = ImageKind::machine;
  std::string sha1;
  std::int64_t bytes = 0;
  std::int64_t bundled_bytes = 0;
  SealedImageKey sealed_key;
  std::vector<ImagePart> parts;  // sizes unknown as yet

  std::string signed_bytes;  // what the signature covers
  std::string signature;     // raw
};

common::Result<Manifest> parse_manifest(std::string_view document,
                                        const ManifestLimits& limits = {});

// True when one of `keys` signed it.
bool is_signed_by_any(const Manifest& manifest, std::span<const crypto::PublicKey> keys);

// Gives the parts the sizes that Walrus found; they must be the manifest's parts in its order, add
// up to its bundled size, and none may be empty.
struct FoundPart {
  std::string key;
  std::int64_t bytes = 0;
};
common::Result<> take_part_sizes(Manifest& manifest, std::span<const FoundPart> found);

// What opens a bundle: 16 bytes each. Whatever is wrong with the sealed form, the answer is the
// same sentence.
struct ImageKey {
  std::string key;
  std::string iv;
};
common::Result<ImageKey> open_image_key(const SealedImageKey& sealed,
                                        const crypto::PrivateKey& key);

}  // namespace angophora::clc
