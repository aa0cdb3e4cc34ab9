#include "doctor/real_machine.h"

#include <netdb.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/un.h>
#include <unistd.h>

#include <arpa/inet.h>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "common/http/client.h"
#include "common/process/process.h"

namespace angophora::doctor {
namespace {

using common::Errc;
using common::Error;

Result<std::vector<std::string>> look_up(const std::string& host) {
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int failed = getaddrinfo(host.c_str(), nullptr, &hints, &found);
  if (failed != 0) return Error(Errc::not_found, gai_strerror(failed));
  std::vector<std::string> addresses;
  for (const auto* at = found; at; at = at->ai_next) {
    char text[NI_MAXHOST] = {};
    if (getnameinfo(at->ai_addr, at->ai_addrlen, text, sizeof(text), nullptr, 0, NI_NUMERICHOST) ==
        0)
      addresses.emplace_back(text);
  }
  freeaddrinfo(found);
  return addresses;
}

class RealMachine final : public Machine {
 public:
  explicit RealMachine(common::Runtime& runtime) : runtime_(runtime), http_(runtime, options()) {}

  common::SysTime now() override { return runtime_.now(); }

  std::optional<FileState> file(const std::string& path) override {
    struct stat found {};
    if (stat(path.c_str(), &found) != 0) return std::nullopt;
    return FileState{S_ISDIR(found.st_mode), found.st_mode & 07777u};
  }

  Result<std::string> read(const std::string& path) override {
    if (access(path.c_str(), R_OK) != 0)
      return Error(errno == ENOENT ? Errc::not_found : Errc::permission_denied,
                   common::errno_error(errno, path).message);
    std::ifstream in(path, std::ios::binary);
    std::ostringstream text;
    text << in.rdbuf();
    if (!in) return Error(Errc::io, "reading " + path + " failed");
    return text.str();
  }

  std::optional<DiskState> disk(const std::string& path) override {
    struct statvfs found {};
    if (statvfs(path.c_str(), &found) != 0) return std::nullopt;
    return DiskState{found.f_bavail * found.f_frsize, found.f_blocks * found.f_frsize};
  }

  bool has_program(const std::string& name) override {
    std::string path = std::getenv("PATH") ? std::getenv("PATH") : "";
    path += ":/usr/local/sbin:/usr/sbin:/sbin:/usr/bin:/bin";
    std::istringstream folders(path);
    for (std::string folder; std::getline(folders, folder, ':');)
      if (access((folder + "/" + name).c_str(), X_OK) == 0) return true;
    return false;
  }

  Result<std::string> run(std::vector<std::string> argv) override {
    // The daemons' programs lie beside this one, also in a build folder.
    std::error_code failed;
    const auto own = std::filesystem::read_symlink("/proc/self/exe", failed).parent_path();
    if (const auto beside = (own / argv[0]).string(); access(beside.c_str(), X_OK) == 0)
      argv[0] = beside;
    process::Command command;
    command.argv = std::move(argv);
    command.output_bytes_max = 64u << 20;
    return process::run_checked(command);
  }

  Result<> connect_local(const std::string& socket_path) override {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    if (socket_path.size() >= sizeof(address.sun_path))
      return Error(Errc::invalid_argument, socket_path + " is too long");
    socket_path.copy(address.sun_path, sizeof(address.sun_path) - 1);
    const int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) return common::errno_error(errno, "opening a socket");
    const int connected = connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof(address));
    const int reason = errno;
    close(fd);
    if (connected != 0) return common::errno_error(reason, "connecting to " + socket_path);
    return common::ok();
  }

  Task<std::vector<std::string>> resolve(std::string host) override {
    auto work = [host] { return look_up(host); };
    co_return co_await runtime_.run_blocking(std::move(work));
  }

  Task<Contact> get(bool tls, std::string host, std::uint16_t port, std::string path) override {
    http::ClientRequest request;
    request.url.tls = tls;
    request.url.host = std::move(host);
    request.url.port = port;
    request.url.target = std::move(path);
    request.timeout = std::chrono::seconds(5);
    CO_TRY(auto answer, co_await http_.send(std::move(request)));
    Contact contact;
    contact.status = answer.status;
    if (const auto date = answer.headers.find("Date")) contact.date = std::string(*date);
    contact.certificate_der = answer.peer_certificate_der;
    CO_TRY(contact.body, co_await answer.body->read_all(1 << 16));
    co_return contact;
  }

 private:
  static http::ClientOptions options() {
    http::ClientOptions made;
    made.connect_timeout = std::chrono::seconds(3);
    return made;
  }
  common::Runtime& runtime_;
  http::Client http_;
};

}  // namespace

std::unique_ptr<Machine> make_real_machine(common::Runtime& runtime) {
  return std::make_unique<RealMachine>(runtime);
}

}  // namespace angophora::doctor
