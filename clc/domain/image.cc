#include "clc/domain/image.h"

namespace angophora::clc {

std::string_view to_string(ImageKind kind) {
  switch (kind) {
    case ImageKind::machine:
      return "machine";
    case ImageKind::kernel:
      return "kernel";
    case ImageKind::ramdisk:
      return "ramdisk";
  }
  return "machine";
}

std::optional<ImageKind> parse_image_kind(std::string_view text) {
  for (const auto kind : {ImageKind::machine, ImageKind::kernel, ImageKind::ramdisk})
    if (text == to_string(kind)) return kind;
  return std::nullopt;
}

std::string_view id_prefix(ImageKind kind) {
  switch (kind) {
    case ImageKind::machine:
      return "emi";
    case ImageKind::kernel:
      return "eki";
    case ImageKind::ramdisk:
      return "eri";
  }
  return "emi";
}

bool is_image_id(std::string_view text) {
  for (const auto prefix : {"emi", "eki", "eri", "ami", "aki", "ari"})
    if (is_well_formed_id(text, prefix)) return true;
  return false;
}

}  // namespace angophora::clc
