#include "nc/images/bundle_reader.h"

#include <zlib.h>

#include "common/base/text.h"
#include "common/crypto/aes.h"
#include "common/crypto/digest.h"
#include "nc/images/sparse_file.h"
#include "nc/images/tar_reader.h"

namespace angophora::nc {

using common::Errc;
using common::Error;
using common::Result;

namespace {

constexpr std::size_t kPieceBytes = 256 * 1024;
// Headers, padding and end marker around the image; tar fills up to 10 KiB records.
constexpr std::uint64_t kTarOverheadBytesMax = 32 << 20;

// Gunzips in pieces of bounded size; several members one after the other are one stream.
class Gunzip {
 public:
  Gunzip() { inflateInit2(&stream_, 15 + 16); }
  ~Gunzip() { inflateEnd(&stream_); }
  Gunzip(const Gunzip&) = delete;

  template <class Take>
  Result<> push(std::string_view bytes, Take take) {
    stream_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream_.avail_in = static_cast<uInt>(bytes.size());
    do {
      if (ended_ && stream_.avail_in > 0) {
        inflateReset(&stream_);
        ended_ = false;
      }
      stream_.next_out = reinterpret_cast<Bytef*>(out_.data());
      stream_.avail_out = static_cast<uInt>(out_.size());
      const int code = inflate(&stream_, Z_NO_FLUSH);
      if (code != Z_OK && code != Z_STREAM_END && code != Z_BUF_ERROR)
        return Error(Errc::corrupt, "the image does not unpack: wrong key or damaged gzip stream");
      ended_ = code == Z_STREAM_END;
      TRY_VOID(take(std::string_view(out_.data(), out_.size() - stream_.avail_out)));
    } while (stream_.avail_in > 0 || stream_.avail_out == 0);
    return common::ok();
  }
  bool ended() const { return ended_; }

 private:
  z_stream stream_{};
  bool ended_ = false;
  std::string out_ = std::string(kPieceBytes, '\0');
};

}  // namespace

struct BundleReader::Parts {
  Parts(BundleFacts f, crypto::AesCbc a, SparseFile out)
      : facts(std::move(f)), aes(std::move(a)), file(std::move(out)) {}

  Result<> take_plain(std::string_view plain) {
    tar_bytes += plain.size();
    if (tar_bytes > facts.size_bytes + kTarOverheadBytesMax)
      return Error(Errc::limit_exceeded, "the image unpacks to more than the announced " +
                                             std::to_string(facts.size_bytes) + " bytes");
    digest.update(plain);
    return tar.push(plain);
  }
  Result<> take_packed(std::string_view packed) {
    if (packed.empty()) return common::ok();
    return gunzip.push(packed, [this](std::string_view plain) { return take_plain(plain); });
  }

  const BundleFacts facts;
  crypto::AesCbc aes;
  SparseFile file;
  Gunzip gunzip;
  crypto::Digest digest{crypto::DigestKind::sha1};
  TarReader tar{
      [this](std::uint64_t offset, std::string_view bytes) { return file.write_at(offset, bytes); },
      facts.size_bytes};
  std::uint64_t tar_bytes = 0;
};

Result<std::unique_ptr<BundleReader>> BundleReader::create(BundleFacts facts, std::string path) {
  TRY(auto aes, crypto::AesCbc::decryptor(facts.key, facts.iv));
  TRY(auto file, SparseFile::create(std::move(path)));
  auto parts = std::make_unique<Parts>(std::move(facts), std::move(aes), std::move(file));
  return std::unique_ptr<BundleReader>(new BundleReader(std::move(parts)));
}

BundleReader::BundleReader(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
BundleReader::~BundleReader() = default;

Result<> BundleReader::push(std::string_view encrypted) {
  while (!encrypted.empty()) {
    const auto piece = encrypted.substr(0, kPieceBytes);
    encrypted.remove_prefix(piece.size());
    std::string packed;
    TRY_VOID(parts_->aes.update(piece, packed));
    TRY_VOID(parts_->take_packed(packed));
  }
  return common::ok();
}

Result<> BundleReader::finish() {
  std::string packed;
  TRY_VOID(parts_->aes.finish(packed));
  TRY_VOID(parts_->take_packed(packed));
  if (!parts_->gunzip.ended())
    return Error(Errc::corrupt, "the image's gzip stream ends too early");
  const auto digest = parts_->digest.finish_hex();
  if (!common::equal_ignore_case(digest, parts_->facts.sha1_hex))
    return Error(Errc::corrupt, "the image's digest is " + digest + ", its manifest says " +
                                    parts_->facts.sha1_hex);
  TRY(const auto size, parts_->tar.finish());
  if (size != parts_->facts.size_bytes)
    return Error(Errc::corrupt, "the image has " + std::to_string(size) +
                                    " bytes, its manifest says " +
                                    std::to_string(parts_->facts.size_bytes));
  return parts_->file.finish(size);
}

}  // namespace angophora::nc
