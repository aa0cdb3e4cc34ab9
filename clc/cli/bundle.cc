#include "clc/cli/bundle.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zlib.h>

#include <cstring>
#include <memory>

#include "common/base/encoding.h"
#include "common/crypto/aes.h"
#include "common/crypto/digest.h"
#include "common/xml/writer.h"

namespace angophora::clc::cli {
namespace {

using common::Errc;
using common::Error;

constexpr std::size_t kReadBytes = 1024 * 1024;
constexpr std::size_t kTarBlock = 512;
constexpr std::uint64_t kOctalSizeMax = 0777'7777'7777ULL;  // what 11 octal digits hold

using File = std::unique_ptr<const int, void (*)(const int*)>;

Result<File> open_file(const std::string& path, int flags) {
  const int fd = open(path.c_str(), flags | O_CLOEXEC, 0600);
  if (fd < 0) return common::errno_error(errno, "opening " + path);
  return File(new int(fd), [](const int* p) {
    close(*p);
    delete p;
  });
}

// One file's header in the ustar format; sizes beyond 8 GiB in GNU's base-256 form.
std::string tar_header(const std::string& name, std::uint64_t size) {
  std::string header(kTarBlock, '\0');
  const auto put = [&](std::size_t at, const std::string& text) {
    std::memcpy(header.data() + at, text.data(), text.size());
  };
  put(0, name.substr(0, 99));
  put(100, "0000644");
  put(108, "0000000");
  put(116, "0000000");
  if (size <= kOctalSizeMax) {
    put(124, fmt::format("{:011o}", size));
  } else {
    header[124] = static_cast<char>(0x80);
    for (int i = 0; i < 8; ++i) header[135 - i] = static_cast<char>(size >> (8 * i));
  }
  put(136, "00000000000");
  put(148, "        ");
  header[156] = '0';
  put(257, std::string("ustar\00000", 8));
  unsigned sum = 0;
  for (unsigned char b : header) sum += b;
  put(148, fmt::format("{:06o}", sum) + std::string("\0 ", 2));
  return header;
}

// Takes the tar stream in; writes gzip inside AES to the output file and keeps all digests.
class Sealer {
 public:
  Sealer(crypto::AesCbc cipher, int out_fd, std::uint64_t part_bytes_max)
      : cipher_(std::move(cipher)), out_fd_(out_fd), part_bytes_max_(part_bytes_max) {}
  ~Sealer() { deflateEnd(&zip_); }
  Sealer(const Sealer&) = delete;

  Result<> start() {
    constexpr int kGzipWrapper = 16 + MAX_WBITS;
    if (deflateInit2(&zip_, Z_BEST_SPEED, Z_DEFLATED, kGzipWrapper, 8, Z_DEFAULT_STRATEGY) != Z_OK)
      return Error(Errc::internal, "zlib did not start");
    return common::ok();
  }
  Result<> add(std::string_view tar_bytes) {
    tar_digest_.update(tar_bytes);
    return compress(tar_bytes, Z_NO_FLUSH);
  }
  Result<> finish() {
    TRY_VOID(compress({}, Z_FINISH));
    std::string last;
    TRY_VOID(cipher_.finish(last));
    TRY_VOID(write_out(last));
    if (part_bytes_ > 0) end_part();
    return common::ok();
  }

  std::string tar_sha1_hex() { return tar_digest_.finish_hex(); }
  struct Part {
    std::uint64_t length;
    std::string sha1_hex;
  };
  const std::vector<Part>& parts() const { return parts_; }

 private:
  Result<> compress(std::string_view bytes, int flush) {
    zip_.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    zip_.avail_in = static_cast<uInt>(bytes.size());
    std::string zipped(256 * 1024, '\0');
    for (;;) {
      zip_.next_out = reinterpret_cast<Bytef*>(zipped.data());
      zip_.avail_out = static_cast<uInt>(zipped.size());
      const int done = deflate(&zip_, flush);
      if (done == Z_STREAM_ERROR) return Error(Errc::internal, "zlib failed");
      std::string sealed;
      TRY_VOID(cipher_.update({zipped.data(), zipped.size() - zip_.avail_out}, sealed));
      TRY_VOID(write_out(sealed));
      if (zip_.avail_out > 0) return common::ok();
    }
  }
  Result<> write_out(std::string_view bytes) {
    while (!bytes.empty()) {
      const auto count = std::min<std::uint64_t>(bytes.size(), part_bytes_max_ - part_bytes_);
      const auto piece = bytes.substr(0, count);
      for (std::size_t done = 0; done < piece.size();) {
        const auto wrote = write(out_fd_, piece.data() + done, piece.size() - done);
        if (wrote < 0) return common::errno_error(errno, "writing the bundle");
        done += static_cast<std::size_t>(wrote);
      }
      part_digest_.update(piece);
      part_bytes_ += count;
      if (part_bytes_ == part_bytes_max_) end_part();
      bytes.remove_prefix(count);
    }
    return common::ok();
  }
  void end_part() {
    parts_.push_back({part_bytes_, part_digest_.finish_hex()});
    part_bytes_ = 0;
  }

  crypto::AesCbc cipher_;
  int out_fd_;
  std::uint64_t part_bytes_max_;
  z_stream zip_{};
  crypto::Digest tar_digest_{crypto::DigestKind::sha1}, part_digest_{crypto::DigestKind::sha1};
  std::uint64_t part_bytes_ = 0;
  std::vector<Part> parts_;
};

Result<std::uint64_t> seal_file(const BundleRequest& request, Sealer& sealer,
                                const Progress& progress) {
  TRY(const auto in, open_file(request.image_path, O_RDONLY));
  struct stat status {};
  if (fstat(*in, &status) != 0) return common::errno_error(errno, "reading " + request.image_path);
  const auto size = static_cast<std::uint64_t>(status.st_size);
  TRY_VOID(sealer.add(tar_header(request.name, size)));
  std::string buffer(kReadBytes, '\0');
  for (std::uint64_t done = 0; done < size;) {
    const auto got = read(*in, buffer.data(), buffer.size());
    if (got < 0) return common::errno_error(errno, "reading " + request.image_path);
    if (got == 0) return Error(Errc::io, request.image_path + " became shorter meanwhile");
    TRY_VOID(sealer.add({buffer.data(), static_cast<std::size_t>(got)}));
    done += static_cast<std::uint64_t>(got);
    if (!progress(done, size))
      return Error(Errc::cancelled, "stopped while bundling " + request.image_path);
  }
  const std::size_t padding = (kTarBlock - size % kTarBlock) % kTarBlock;
  TRY_VOID(sealer.add(std::string(padding + 2 * kTarBlock, '\0')));
  return size;
}

std::string machine_configuration_of(const BundleRequest& request) {
  xml::Writer w(xml::Writer::Declaration::no);
  w.open("machine_configuration").element("architecture", request.architecture);
  // A kernel and a ramdisk say so by the literal "true".
  if (request.kind == "kernel") w.element("kernel_id", "true");
  if (request.kind == "ramdisk") w.element("ramdisk_id", "true");
  if (!request.kernel_id.empty()) w.element("kernel_id", request.kernel_id);
  if (!request.ramdisk_id.empty()) w.element("ramdisk_id", request.ramdisk_id);
  w.close();
  return std::move(w).finish();
}

Result<std::string> wrap(const crypto::Certificate& certificate, std::string_view secret) {
  TRY(const auto wrapped, certificate.public_key().encrypt_pkcs1v15(common::hex_encode(secret)));
  return common::hex_encode(wrapped);
}

void secret_element(xml::Writer& w, const char* name, bool is_key, const std::string& text) {
  w.open(name);
  if (is_key) w.attribute("algorithm", "AES-128-CBC");
  w.text(text).close();
}

struct Digests {
  std::uint64_t image_bytes = 0, bundled_bytes = 0;
  std::string tar_sha1;
  std::string cloud_key, cloud_iv, user_key, user_iv;
};

std::string image_of(const BundleRequest& request, const Digests& d,
                     const std::vector<Sealer::Part>& parts) {
  xml::Writer w(xml::Writer::Declaration::no);
  w.open("image").element("name", request.name).element("user", request.account_id);
  w.element("type", request.kind);
  w.open("digest").attribute("algorithm", "SHA1").text(d.tar_sha1).close();
  w.element("size", std::to_string(d.image_bytes));
  w.element("bundled_size", std::to_string(d.bundled_bytes));
  secret_element(w, "ec2_encrypted_key", true, d.cloud_key);
  secret_element(w, "user_encrypted_key", true, d.user_key);
  secret_element(w, "ec2_encrypted_iv", false, d.cloud_iv);
  secret_element(w, "user_encrypted_iv", false, d.user_iv);
  w.open("parts").attribute("count", std::to_string(parts.size()));
  for (std::size_t i = 0; i < parts.size(); ++i) {
    w.open("part").attribute("index", std::to_string(i));
    w.element("filename", fmt::format("{}.part.{}", request.name, i));
    w.open("digest").attribute("algorithm", "SHA1").text(parts[i].sha1_hex).close();
    w.close();
  }
  w.close().close();
  return std::move(w).finish();
}

}  // namespace

Result<Bundle> bundle_image(const BundleRequest& request, const crypto::Certificate& cloud,
                            const crypto::Certificate& user, const crypto::PrivateKey& user_key,
                            const Progress& progress) {
  TRY(const auto out, open_file(request.out_path, O_WRONLY | O_CREAT | O_TRUNC));
  TRY(auto cipher, crypto::AesCbc::encryptor(request.key, request.iv));
  if (request.part_bytes == 0) return Error(Errc::invalid_argument, "parts have at least a byte");
  Sealer sealer(std::move(cipher), *out, request.part_bytes);
  TRY_VOID(sealer.start());
  Digests digests;
  TRY(digests.image_bytes, seal_file(request, sealer, progress));
  TRY_VOID(sealer.finish());
  digests.tar_sha1 = sealer.tar_sha1_hex();

  Bundle bundle;
  for (const auto& part : sealer.parts()) {
    const auto name = fmt::format("{}.part.{}", request.name, bundle.parts.size());
    bundle.parts.push_back({name, digests.bundled_bytes, part.length});
    digests.bundled_bytes += part.length;
  }
  TRY(digests.cloud_key, wrap(cloud, request.key));
  TRY(digests.cloud_iv, wrap(cloud, request.iv));
  TRY(digests.user_key, wrap(user, request.key));
  TRY(digests.user_iv, wrap(user, request.iv));

  const auto configuration = machine_configuration_of(request);
  const auto image = image_of(request, digests, sealer.parts());
  TRY(const auto signature, user_key.sign(crypto::SignatureHash::sha1, configuration + image));
  xml::Writer w;
  w.open("manifest").element("version", "2007-10-10");
  w.open("bundler").element("name", "angophora").element("version", "1").element("release", "0");
  w.close();
  w.raw(configuration).raw(image);
  w.element("signature", common::hex_encode(signature)).close();
  bundle.manifest = std::move(w).finish();
  return bundle;
}

}  // namespace angophora::clc::cli
