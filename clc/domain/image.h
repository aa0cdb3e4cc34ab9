// Images: what was registered, and who may use it.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "clc/domain/ids.h"
#include "clc/domain/instance.h"
#include "common/base/time.h"

namespace angophora::clc {

enum class ImageKind { machine, kernel, ramdisk };
std::string_view to_string(ImageKind kind);
std::optional<ImageKind> parse_image_kind(std::string_view text);
// emi, eki or eri.
std::string_view id_prefix(ImageKind kind);
// True for the id of an image of any kind, also with Amazon's prefixes (ami, aki, ari).
bool is_image_id(std::string_view text);

// One encrypted piece of a bundle, in its order.
struct ImagePart {
  std::string file_name;
  std::string sha1;  // hex, of the encrypted bytes
  std::int64_t bytes = 0;
  bool operator==(const ImagePart&) const = default;
};

// What opens a bundle, still sealed with the cloud's image certificate, as the manifest has it.
struct SealedImageKey {
  std::string key;  // raw bytes of one RSA block
  std::string iv;
};

struct Image {
  ImageId id;
  AccountId owner;
  ImageKind kind = ImageKind::machine;
  std::string name;
  std::string description;
  std::string location;  // bucket/manifest key
  std::string architecture = "x86_64";
  std::string platform;        // "windows" or ""
  std::string virtualization;  // hvm, paravirtual
  std::string root_device_name = "/dev/sda1";
  ImageId kernel;  // what instances get when they ask for none
  ImageId ramdisk;
  bool available = true;  // false once deregistered: instances that run keep it
  common::SysTime created_at{};

  std::int64_t bytes = 0;          // unpacked
  std::int64_t bundled_bytes = 0;  // all parts together
  std::string sha1;                // hex, of the tar stream
  SealedImageKey sealed_key;
  std::vector<ImagePart> parts;

  bool is_public = false;
  std::set<AccountId> launchers;  // accounts that the owner lets launch it
  Tags tags;

  // Boots by itself, from the disk that it is: no kernel of its own.
  bool whole_disk() const { return kind == ImageKind::machine && kernel.empty(); }
  bool visible_to(const AccountId& account) const {
    return owner == account || is_public || launchers.contains(account);
  }
};

}  // namespace angophora::clc
