#include "clc/domain/image_manifest.h"

#include <algorithm>
#include <optional>

#include "clc/domain/instance_errors.h"
#include "common/base/encoding.h"
#include "common/base/text.h"
#include "common/xml/reader.h"

namespace angophora::clc {
namespace {

using common::Error;
using common::Result;

Error invalid(std::string what) { return {ImageErrc::invalid_manifest, "The manifest " + what}; }

// The bytes of the only element called `name`, tags included.
Result<std::string_view> element_bytes(std::string_view document, std::string_view name) {
  const std::string open = "<" + std::string(name), close = "</" + std::string(name) + ">";
  std::size_t begin = document.find(open);
  while (begin != std::string_view::npos) {
    const char after = begin + open.size() < document.size() ? document[begin + open.size()] : '\0';
    if (after == '>' || common::trim({&after, 1}).empty() || after == '\n' || after == '\r') break;
    begin = document.find(open, begin + 1);
  }
  if (begin == std::string_view::npos) return invalid("has no element " + std::string(name));
  const auto end = document.find(close, begin);
  if (end == std::string_view::npos)
    return invalid("does not end the element " + std::string(name));
  return document.substr(begin, end + close.size() - begin);
}

// A manifest that was indented after it was signed: the text without white space between tags.
std::string without_indentation(std::string_view xml) {
  std::string text;
  for (std::size_t i = 0; i < xml.size();) {
    text += xml[i];
    if (xml[i++] != '>') continue;
    const auto next = xml.find_first_not_of(" \t\r\n", i);
    if (next != std::string_view::npos && xml[next] == '<') i = next;
  }
  return text;
}

Result<std::int64_t> size_of(const xml::Element& image, const char* name, std::int64_t most) {
  const auto text = image.text_of(name);
  const auto number = common::parse_number<std::int64_t>(text);
  if (!number || *number < 1) return invalid("has no proper " + std::string(name));
  if (*number > most)
    return invalid("declares a " + std::string(name) + " of " + text + " bytes; at most " +
                   std::to_string(most) + " are taken");
  return *number;
}

Result<std::string> hex_of(std::string_view text, std::string_view what, std::size_t bytes_least,
                           std::size_t bytes_most) {
  auto bytes = common::hex_decode(common::trim(text));
  if (!bytes || bytes->size() < bytes_least || bytes->size() > bytes_most)
    return invalid("has no proper " + std::string(what));
  return std::move(*bytes);
}

Result<std::string> sha1_of(const xml::Element& parent, std::string_view what) {
  const auto* digest = parent.child("digest");
  if (!digest) return invalid("has no digest of " + std::string(what));
  const auto* algorithm = digest->attribute("algorithm");
  if (algorithm && !common::equal_ignore_case(*algorithm, "SHA1"))
    return invalid("has a digest of " + std::string(what) + " that is not SHA1");
  TRY(const auto raw, hex_of(digest->text, "SHA1 digest of " + std::string(what), 20, 20));
  return common::hex_encode(raw);
}

bool is_plain_file_name(std::string_view name) {
  return !name.empty() && name.size() <= 255 && name != "." && name != ".." &&
         name.find('/') == std::string_view::npos &&
         std::none_of(name.begin(), name.end(), [](unsigned char c) { return c < 0x20; });
}

Result<std::vector<ImagePart>> parts_of(const xml::Element& image, std::int64_t parts_max) {
  const auto* list = image.child("parts");
  if (!list) return invalid("lists no parts");
  std::vector<ImagePart> parts;
  for (const auto* element : list->children_named("part")) {
    const auto place = "part " + std::to_string(parts.size());
    if (static_cast<std::int64_t>(parts.size()) >= parts_max)
      return invalid("lists more than " + std::to_string(parts_max) + " parts");
    const auto* index = element->attribute("index");
    if (index && common::parse_number<std::size_t>(*index) != parts.size())
      return invalid("lists its parts out of order at " + place);
    ImagePart part;
    part.file_name = element->text_of("filename");
    if (!is_plain_file_name(part.file_name)) return invalid("has no file name for " + place);
    TRY(part.sha1, sha1_of(*element, place));
    parts.push_back(std::move(part));
  }
  const auto* count = list->attribute("count");
  if (parts.empty() || (count && common::parse_number<std::size_t>(*count) != parts.size()))
    return invalid("does not list as many parts as it says");
  return parts;
}

std::string architecture_of(std::string text) {
  if (text == "amd64") return "x86_64";
  if (text == "i686" || text == "i586") return "i386";
  if (text == "aarch64") return "arm64";
  return text;
}

Result<> read_image(const xml::Element& image, const ManifestLimits& limits, Manifest& manifest) {
  manifest.name = image.text_of("name");
  manifest.user = image.text_of("user");
  const auto kind = parse_image_kind(image.text_of("type"));
  if (!kind)
    return invalid("has the type '" + image.text_of("type").substr(0, 40) +
                   "', which is not machine, kernel or ramdisk");
  manifest.kind = *kind;
  TRY(manifest.sha1, sha1_of(image, "the image"));
  TRY(manifest.bytes, size_of(image, "size", limits.image_bytes_max));
  TRY(manifest.bundled_bytes, size_of(image, "bundled_size", limits.image_bytes_max * 2));
  TRY(manifest.sealed_key.key,
      hex_of(image.text_of("ec2_encrypted_key"), "ec2_encrypted_key", 64, 1024));
  TRY(manifest.sealed_key.iv,
      hex_of(image.text_of("ec2_encrypted_iv"), "ec2_encrypted_iv", 64, 1024));
  TRY(manifest.parts, parts_of(image, limits.parts_max));
  return common::ok();
}

}  // namespace

Result<Manifest> parse_manifest(std::string_view document, const ManifestLimits& limits) {
  if (document.size() > limits.manifest_bytes_max)
    return invalid("is larger than " + std::to_string(limits.manifest_bytes_max) + " bytes");
  auto whole = xml::read(document);
  if (!whole) return invalid("cannot be read: " + whole.error().message);
  if (whole.assume_value().name != "manifest") return invalid("is not a manifest");

  TRY(const auto configuration, element_bytes(document, "machine_configuration"));
  TRY(const auto image, element_bytes(document, "image"));
  Manifest manifest;
  manifest.signed_bytes = std::string(configuration) + std::string(image);
  // From here on only what is signed is looked at.
  auto covered = xml::read("<signed>" + manifest.signed_bytes + "</signed>");
  if (!covered) return invalid("cannot be read: " + covered.error().message);
  const auto& root = covered.assume_value();
  if (root.children.size() != 2 || root.children[0].name != "machine_configuration" ||
      root.children[1].name != "image")
    return invalid("does not hold one machine_configuration and one image");
  manifest.architecture = architecture_of(root.children[0].text_of("architecture"));
  manifest.kernel_id = root.children[0].text_of("kernel_id");
  manifest.ramdisk_id = root.children[0].text_of("ramdisk_id");
  TRY_VOID(read_image(root.children[1], limits, manifest));

  const auto signature = whole.assume_value().text_of("signature");
  if (signature.empty() || signature == "UNSIGNED") return invalid("is not signed");
  TRY(manifest.signature, hex_of(signature, "signature", 64, 1024));
  return manifest;
}

bool is_signed_by_any(const Manifest& manifest, std::span<const crypto::PublicKey> keys) {
  const auto tidy = without_indentation(manifest.signed_bytes);
  for (const auto& key : keys) {
    using crypto::SignatureHash;
    if (key.verify(SignatureHash::sha1, manifest.signed_bytes, manifest.signature)) return true;
    if (key.verify(SignatureHash::sha1, tidy, manifest.signature)) return true;
  }
  return false;
}

Result<> take_part_sizes(Manifest& manifest, std::span<const FoundPart> found) {
  if (found.size() != manifest.parts.size())
    return invalid("lists " + std::to_string(manifest.parts.size()) + " parts, of which " +
                   std::to_string(found.size()) + " were found");
  std::int64_t bytes = 0;
  for (std::size_t i = 0; i < found.size(); ++i) {
    auto& part = manifest.parts[i];
    if (!(found[i].key == part.file_name || found[i].key.ends_with("/" + part.file_name)))
      return invalid("lists part '" + part.file_name + "', but '" + found[i].key + "' was found");
    if (found[i].bytes < 1) return invalid("lists part '" + part.file_name + "', which is empty");
    part.bytes = found[i].bytes;
    bytes += part.bytes;
  }
  if (bytes != manifest.bundled_bytes)
    return invalid("declares a bundled size of " + std::to_string(manifest.bundled_bytes) +
                   " bytes, but the parts have " + std::to_string(bytes));
  return common::ok();
}

Result<ImageKey> open_image_key(const SealedImageKey& sealed, const crypto::PrivateKey& key) {
  // Keys travel as 32 hex digits. What does not open comes back as junk of the same length, so
  // key and IV are always both opened and judged together.
  constexpr std::size_t kHexDigits = 32;
  const auto opened_key = key.decrypt_pkcs1v15(sealed.key, kHexDigits);
  const auto opened_iv = key.decrypt_pkcs1v15(sealed.iv, kHexDigits);
  const auto key_bytes = opened_key ? common::hex_decode(opened_key.assume_value()) : std::nullopt;
  const auto iv_bytes = opened_iv ? common::hex_decode(opened_iv.assume_value()) : std::nullopt;
  if (!key_bytes || !iv_bytes)
    return Error(ImageErrc::invalid_manifest,
                 "The image's key does not open: it was not bundled for this cloud's certificate");
  return ImageKey{*key_bytes, *iv_bytes};
}

}  // namespace angophora::clc
