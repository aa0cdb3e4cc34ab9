#include "clc/cli/bundle.h"

#include <gtest/gtest.h>
#include <stdlib.h>
#include <zlib.h>

#include <filesystem>
#include <fstream>

#include "common/base/encoding.h"
#include "common/crypto/aes.h"
#include "common/crypto/digest.h"
#include "common/xml/reader.h"

namespace angophora::clc::cli {
namespace {

struct Party {
  crypto::PrivateKey key;
  crypto::Certificate certificate;
};

Party make_party(const char* name) {
  auto key = crypto::PrivateKey::generate(2048).value();
  crypto::CertificateSubject subject;
  subject.common_name = name;
  subject.not_after = subject.not_before + std::chrono::hours(24 * 365 * 100);
  subject.serial = "1";
  auto certificate = crypto::Certificate::self_signed(key, subject).value();
  return {std::move(key), std::move(certificate)};
}

std::string read_all(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string gunzip(const std::string& zipped, std::size_t bytes_max) {
  z_stream stream{};
  EXPECT_EQ(inflateInit2(&stream, 16 + MAX_WBITS), Z_OK);
  std::string plain(bytes_max, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(zipped.data()));
  stream.avail_in = static_cast<uInt>(zipped.size());
  stream.next_out = reinterpret_cast<Bytef*>(plain.data());
  stream.avail_out = static_cast<uInt>(plain.size());
  EXPECT_EQ(inflate(&stream, Z_FINISH), Z_STREAM_END);
  plain.resize(stream.total_out);
  inflateEnd(&stream);
  return plain;
}

class Bundles : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    cloud_ = new Party(make_party("cloud"));
    user_ = new Party(make_party("user"));
  }
  static void TearDownTestSuite() {
    delete cloud_;
    delete user_;
  }
  void SetUp() override {
    char pattern[] = "/tmp/angophora-bundle-XXXXXX";
    dir_ = mkdtemp(pattern);
    request_.image_path = dir_ + "/image";
    request_.out_path = dir_ + "/bundle";
    request_.name = "disk";
    request_.kind = "machine";
    request_.account_id = "123456789012";
    request_.key = std::string(16, 'k');
    request_.iv = std::string(16, 'i');
  }
  void TearDown() override { std::filesystem::remove_all(dir_); }

  // Bytes that gzip cannot shrink, so that there are several parts.
  void write_image(std::size_t size) {
    std::string bytes(size, '\0');
    std::uint32_t state = 1;
    for (auto& b : bytes) {
      state = state * 1664525 + 1013904223;
      b = static_cast<char>(state >> 24);
    }
    std::ofstream(request_.image_path, std::ios::binary) << bytes;
  }
  Result<Bundle> bundle(const Progress& progress = [](auto, auto) { return true; }) {
    return bundle_image(request_, cloud_->certificate, user_->certificate, user_->key, progress);
  }

  static Party* cloud_;
  static Party* user_;
  std::string dir_;
  BundleRequest request_;
};
Party* Bundles::cloud_ = nullptr;
Party* Bundles::user_ = nullptr;

TEST_F(Bundles, EndsWhenItIsToldTo) {
  write_image(5 << 20);
  int calls = 0;
  const auto stopped = bundle([&calls](auto, auto) { return ++calls < 2; });
  ASSERT_FALSE(stopped);
  EXPECT_EQ(stopped.error().code, common::Errc::cancelled);
  EXPECT_EQ(calls, 2);
}

TEST_F(Bundles, OpenToTheSameImageWithTheCloudsKey) {
  write_image(12'345'678);
  const auto made = bundle();
  ASSERT_TRUE(made) << made.error().message;
  ASSERT_EQ(made.value().parts.size(), 2u);
  EXPECT_EQ(made.value().parts[0].length, 10u * 1024 * 1024);
  const auto manifest = xml::read(made.value().manifest).value();
  const auto* image = manifest.child("image");

  const auto open_secret = [&](const char* name) {
    const auto wrapped = common::hex_decode(image->text_of(name)).value();
    return common::hex_decode(cloud_->key.decrypt_pkcs1v15(wrapped, 32).value()).value();
  };
  EXPECT_EQ(open_secret("ec2_encrypted_key"), request_.key);
  EXPECT_EQ(open_secret("ec2_encrypted_iv"), request_.iv);

  auto cipher = crypto::AesCbc::decryptor(request_.key, request_.iv).value();
  std::string zipped;
  const auto sealed = read_all(request_.out_path);
  ASSERT_TRUE(cipher.update(sealed, zipped));
  ASSERT_TRUE(cipher.finish(zipped));
  const auto tar = gunzip(zipped, 13'000'000);
  EXPECT_EQ(crypto::digest(crypto::DigestKind::sha1, tar),
            common::hex_decode(image->text_of("digest")).value());
  EXPECT_EQ(tar.substr(512, 12'345'678), read_all(request_.image_path));
  EXPECT_EQ(tar.size() % 512, 0u);
  EXPECT_EQ(image->text_of("bundled_size"), std::to_string(sealed.size()));
}

TEST_F(Bundles, AreSignedByTheUserOverConfigurationAndImage) {
  write_image(1000);
  request_.kernel_id = "eki-1";
  const auto manifest = bundle().value().manifest;
  const auto from = manifest.find("<machine_configuration>");
  const auto to = manifest.find("</image>") + 8;
  const auto signature =
      common::hex_decode(xml::read(manifest).value().text_of("signature")).value();
  EXPECT_TRUE(user_->key.public_key().verify(crypto::SignatureHash::sha1,
                                             manifest.substr(from, to - from), signature));
}

TEST_F(Bundles, KernelsAndRamdisksSayWhatTheyAre) {
  write_image(1000);
  request_.kind = "kernel";
  EXPECT_NE(bundle().value().manifest.find("<kernel_id>true</kernel_id>"), std::string::npos);
}

TEST_F(Bundles, PartsAreAsLargeAsAskedFor) {
  write_image(5000);
  request_.part_bytes = 2000;
  const auto made = bundle().value();
  ASSERT_GT(made.parts.size(), 2u);
  for (std::size_t i = 0; i + 1 < made.parts.size(); ++i) EXPECT_EQ(made.parts[i].length, 2000u);
  request_.part_bytes = 0;
  EXPECT_FALSE(bundle());
}

TEST_F(Bundles, AMissingImageIsNamed) {
  const auto made = bundle();
  ASSERT_FALSE(made);
  EXPECT_NE(made.error().message.find(request_.image_path), std::string::npos);
}

}  // namespace
}  // namespace angophora::clc::cli
