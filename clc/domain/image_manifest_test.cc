#include "clc/domain/image_manifest.h"

#include <gtest/gtest.h>

#include "clc/domain/instance_errors.h"
#include "clc/testing/samples/sample_bundle.h"
#include "common/base/encoding.h"

namespace angophora::clc {
namespace {

using testing::sample_keys;
using testing::SampleBundle;

std::string replaced(std::string text, const std::string& from, const std::string& to) {
  const auto at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from;
  return text.replace(at, from.size(), to);
}

ImageErrc code_of(const common::Error& error) { return static_cast<ImageErrc>(error.code.value()); }

bool verifies(const std::string& document) {
  const auto manifest = parse_manifest(document);
  if (!manifest) return false;
  const crypto::PublicKey keys[] = {sample_keys().stranger.public_key(),
                                    sample_keys().user.public_key()};
  return is_signed_by_any(manifest.assume_value(), keys);
}

TEST(ImageManifest, IsReadAsEuca2oolsWritesIt) {
  const auto manifest = parse_manifest(SampleBundle().document());
  ASSERT_TRUE(manifest) << manifest.error().message;
  const auto& m = manifest.assume_value();
  EXPECT_EQ(m.name, "guest.img");
  EXPECT_EQ(m.user, "123456789012");
  EXPECT_EQ(m.kind, ImageKind::machine);
  EXPECT_EQ(m.architecture, "x86_64");
  EXPECT_EQ(m.bytes, 1048576);
  EXPECT_EQ(m.bundled_bytes, 300);
  ASSERT_EQ(m.parts.size(), 2u);
  EXPECT_EQ(m.parts[1].file_name, "guest.img.part.1");
}

TEST(ImageManifest, TheOwnersSignatureIsFoundAmongHisCertificates) {
  EXPECT_TRUE(verifies(SampleBundle().document()));
}

TEST(ImageManifest, AnIndentedManifestStillVerifies) {
  auto document = SampleBundle().document();
  std::string indented;
  for (std::size_t i = 0; i < document.size(); ++i) {
    indented += document[i];
    if (document[i] == '>' && i + 1 < document.size() && document[i + 1] == '<') indented += "\n  ";
  }
  EXPECT_TRUE(verifies(indented));
}

TEST(ImageManifest, AnAlteredManifestDoesNotVerify) {
  EXPECT_FALSE(verifies(replaced(SampleBundle().document(), "<size>1048576", "<size>1048577")));
}

TEST(ImageManifest, AnotherOnesSignatureDoesNotVerify) {
  const auto manifest = parse_manifest(SampleBundle().document());
  const crypto::PublicKey keys[] = {sample_keys().stranger.public_key()};
  EXPECT_FALSE(is_signed_by_any(manifest.value(), keys));
  EXPECT_FALSE(is_signed_by_any(manifest.value(), {}));
}

TEST(ImageManifest, ValuesComeFromTheSignedBytesOnly) {
  // A second image element before the signed one is what gets read, and then nothing verifies.
  const auto document = SampleBundle().document();
  const auto begin = document.find("<image>"), end = document.find("</image>") + 8;
  const auto copy = replaced(document.substr(begin, end - begin), "guest.img", "other.img");
  EXPECT_FALSE(verifies(document.substr(0, begin) + copy + document.substr(begin)));
  EXPECT_FALSE(
      verifies(document.substr(0, begin) + "<!--" + copy + "-->" + document.substr(begin)));
}

TEST(ImageManifest, WhatIsWrongIsRefusedWithAReason) {
  const auto good = SampleBundle().document();
  const std::pair<std::string, std::string> mistakes[] = {
      {"<type>machine</type>", "<type>floppy</type>"},
      {"<size>1048576</size>", "<size>-1</size>"},
      {"<size>1048576</size>", "<size>99999999999999</size>"},
      {"<bundled_size>300</bundled_size>", ""},
      {"index=\"1\"", "index=\"7\""},
      {"count=\"2\"", "count=\"3\""},
      {"guest.img.part.0", "../../etc/passwd"},
      {"<ec2_encrypted_key", "<other_encrypted_key"},
      {"</image>", ""},
      {"<manifest>", "<manifest"},
      {"<signature>", "<signature>zz"},
  };
  for (const auto& [from, to] : mistakes) {
    const auto manifest = parse_manifest(replaced(good, from, to));
    ASSERT_FALSE(manifest) << from << " -> " << to;
    EXPECT_EQ(code_of(manifest.error()), ImageErrc::invalid_manifest);
  }
  EXPECT_FALSE(parse_manifest(""));
  EXPECT_FALSE(parse_manifest(std::string(2 << 20, 'x')));
}

TEST(ImageManifest, PartSizesMustAddUp) {
  auto manifest = parse_manifest(SampleBundle().document()).value();
  const FoundPart good[] = {{"folder/guest.img.part.0", 200}, {"folder/guest.img.part.1", 100}};
  EXPECT_TRUE(take_part_sizes(manifest, good));
  EXPECT_EQ(manifest.parts[0].bytes, 200);
  const FoundPart few[] = {{"guest.img.part.0", 300}};
  EXPECT_FALSE(take_part_sizes(manifest, few));
  const FoundPart other[] = {{"guest.img.part.0", 200}, {"guest.img.part.2", 100}};
  EXPECT_FALSE(take_part_sizes(manifest, other));
  const FoundPart larger[] = {{"guest.img.part.0", 200}, {"guest.img.part.1", 101}};
  EXPECT_FALSE(take_part_sizes(manifest, larger));
}

TEST(ImageManifest, TheCloudsKeyOpensTheImagesKey) {
  const SampleBundle bundle;
  const auto manifest = parse_manifest(bundle.document()).value();
  const auto key = open_image_key(manifest.sealed_key, sample_keys().cloud);
  ASSERT_TRUE(key);
  EXPECT_EQ(common::hex_encode(key.value().key), bundle.key_hex);
  EXPECT_EQ(common::hex_encode(key.value().iv), bundle.iv_hex);
}

TEST(ImageManifest, WhateverDoesNotOpenFailsInTheSameWords) {
  const auto manifest = parse_manifest(SampleBundle().document()).value();
  const auto wrong_key = open_image_key(manifest.sealed_key, sample_keys().stranger);
  auto bent = manifest.sealed_key;
  bent.iv[10] = static_cast<char>(bent.iv[10] ^ 1);
  const auto bent_iv = open_image_key(bent, sample_keys().cloud);
  ASSERT_FALSE(wrong_key);
  ASSERT_FALSE(bent_iv);
  EXPECT_EQ(wrong_key.error().message, bent_iv.error().message);
}

}  // namespace
}  // namespace angophora::clc
