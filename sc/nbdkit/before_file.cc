#include "sc/nbdkit/before_file.h"

#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/file.h>

#include <cerrno>
#include <cstring>
#include <vector>

namespace angophora::sc {
namespace {

constexpr char kBeforeMagic[8] = {'A', 'N', 'G', 'O', 'B', 'E', 'F', '1'};

bool all_zeros(const std::vector<char>& bytes) {
  return bytes[0] == 0 && std::memcmp(bytes.data(), bytes.data() + 1, bytes.size() - 1) == 0;
}

}  // namespace

BeforeFile::Digest sha256_of(const void* bytes, std::size_t count) {
  BeforeFile::Digest digest{};
  unsigned int length = 0;
  ::EVP_Digest(bytes, count, reinterpret_cast<unsigned char*>(digest.data()), &length,
               ::EVP_sha256(), nullptr);
  return digest;
}

std::string BeforeFile::path_of(const std::string& raw_path, const std::string& snapshot) {
  constexpr std::string_view kRaw = ".raw";
  auto stem = raw_path;
  if (stem.ends_with(kRaw)) stem.resize(stem.size() - kRaw.size());
  return stem + "." + snapshot + ".before";
}

std::uint64_t BeforeFile::data_at(std::uint32_t chunks) {
  const auto head = kHeadBytes + 3 * ChunkBits::bytes_for(chunks) + 2 * sizeof(Digest) * chunks;
  return (head + kChunkBytes - 1) / kChunkBytes * kChunkBytes;
}

ChunkBits BeforeFile::bits(int index) const {
  const auto at = kHeadBytes + static_cast<std::size_t>(index) * ChunkBits::bytes_for(chunks_);
  return {file_->at<ChunkBits::Word>(at), chunks_};
}

int BeforeFile::make(const std::string& path, std::uint64_t volume_bytes) {
  const auto chunks = static_cast<std::uint32_t>(volume_bytes / kChunkBytes);
  std::vector<char> start(kHeadBytes + ChunkBits::bytes_for(chunks));
  auto* head = reinterpret_cast<Head*>(start.data());
  std::memcpy(head->magic, kBeforeMagic, sizeof kBeforeMagic);
  head->volume_bytes = volume_bytes;
  head->boot = this_boot();
  ChunkBits(reinterpret_cast<ChunkBits::Word*>(start.data() + kHeadBytes), chunks).set_all();
  return make_file(path, start, data_at(chunks), data_at(chunks) + volume_bytes);
}

std::unique_ptr<BeforeFile> BeforeFile::open(const std::string& path, std::uint64_t volume_bytes,
                                             std::string& why) {
  const auto chunks = static_cast<std::uint32_t>(volume_bytes / kChunkBytes);
  auto file = MappedFile::open(path, data_at(chunks), data_at(chunks) + volume_bytes, why);
  if (!file) return nullptr;
  const auto* head = file->at<Head>(0);
  if (std::memcmp(head->magic, kBeforeMagic, sizeof kBeforeMagic) != 0 ||
      head->volume_bytes != volume_bytes) {
    why = path + " is not a snapshot of such a volume";
    return nullptr;
  }
  std::unique_ptr<BeforeFile> before(new BeforeFile(std::move(file), chunks));
  if (const int failure = before->judge_copies()) {
    why = path + ": " + std::strerror(failure);
    return nullptr;
  }
  return before;
}

BeforeFile::BeforeFile(std::unique_ptr<MappedFile> file, std::uint32_t chunks)
    : file_(std::move(file)),
      chunks_(chunks),
      head_(file_->at<Head>(0)),
      needed_(bits(0)),
      copied_(bits(1)),
      done_(bits(2)),
      copied_names_(file_->at<Digest>(kHeadBytes + 3 * ChunkBits::bytes_for(chunks))),
      done_names_(copied_names_ + chunks) {}

// The first program that opens it after the machine's start does this, others wait.
int BeforeFile::judge_copies() {
  if (head_->boot == this_boot()) return 0;
  if (::flock(file_->fd(), LOCK_EX) != 0) return errno;
  int failure = 0;
  if (head_->boot != this_boot()) {
    std::vector<char> bytes(kChunkBytes);
    for (const auto n : copied_.list(chunks_)) {
      failure =
          read_all(file_->fd(), bytes.data(), kChunkBytes, data_at(chunks_) + n * kChunkBytes);
      if (failure != 0) break;
      if (sha256_of(bytes.data(), kChunkBytes) != copied_names_[n] && !done_.has(n))
        copied_.clear(n);
    }
    // A bit may have reached the disk before its name.
    for (const auto n : done_.list(chunks_))
      if (done_names_[n] == Digest{}) {
        done_.clear(n);
        needed_.set(n);
      }
    if (failure == 0) failure = sync();
    if (failure == 0) head_->boot = this_boot();
  }
  ::flock(file_->fd(), LOCK_UN);
  return failure;
}

void BeforeFile::fail(int number) {
  std::uint32_t none = 0;
  head_->failure.compare_exchange_strong(none, static_cast<std::uint32_t>(number));
}

void BeforeFile::spare(int volume_fd, std::uint32_t chunk) {
  if (!needed_.has(chunk) || copied_.has(chunk) || failure() != 0) return;
  const std::lock_guard turn(turns_[chunk % turns_.size()]);
  if (!needed_.has(chunk) || copied_.has(chunk) || failure() != 0) return;
  if (const int number = copy(volume_fd, chunk)) fail(number);
}

int BeforeFile::copy(int volume_fd, std::uint32_t chunk) {
  std::vector<char> bytes(kChunkBytes);
  const auto offset = chunk * kChunkBytes;
  if (const int failure = read_all(volume_fd, bytes.data(), kChunkBytes, offset)) return failure;
  // The file is a hole until it is written: zeros are there already.
  if (!all_zeros(bytes))
    if (const int failure =
            write_all(file_->fd(), bytes.data(), kChunkBytes, data_at(chunks_) + offset))
      return failure;
  copied_names_[chunk] = sha256_of(bytes.data(), kChunkBytes);
  copied_.set(chunk);
  return sync();
}

int BeforeFile::read(int volume_fd, std::uint32_t chunk, void* to) {
  const auto offset = chunk * kChunkBytes;
  if (!copied_.has(chunk)) {
    if (const int failure = read_all(volume_fd, to, kChunkBytes, offset)) return failure;
    // What was not copied until now was not written either before it was read.
    if (!copied_.has(chunk)) return 0;
  }
  return read_all(file_->fd(), to, kChunkBytes, data_at(chunks_) + offset);
}

void BeforeFile::note_done(std::uint32_t chunk, const Digest& name) {
  done_names_[chunk] = name;
  done_.set(chunk);
}

int BeforeFile::set_done(std::uint32_t chunk, const Digest& name) {
  note_done(chunk, name);
  if (const int failure = sync()) return failure;
  needed_.clear(chunk);
  return 0;
}

}  // namespace angophora::sc
