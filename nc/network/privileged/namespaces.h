// A node and its guests as network namespaces, for tests: this very process moves into a fresh
// namespace (the node), each guest is a namespace of its own whose card is the far end of the
// node's "tap". Nothing of it is seen by the host, and nothing is left when the process ends.
#pragma once

#include <string>
#include <vector>

namespace angophora::nc::testing_bed {

// Moves this process and all it starts into fresh network and mount namespaces, and gives them an
// outside: a namespace "outside" with 192.0.2.2 behind the card up0 (192.0.2.1) of the node.
// False without the privilege to do so. Later calls do nothing.
bool enter_node();

// Moves this thread into the network namespace `where`; "" is back to the node.
bool move_to(const std::string& where);

// Runs a shell command in the node, or in the namespace `where`; its standard output. The exit
// code goes to `exit_code`.
std::string sh(const std::string& command, int* exit_code = nullptr);
std::string sh_in(const std::string& where, const std::string& command, int* exit_code = nullptr);

// A guest: namespace `name` with a card eth0 of this MAC, its far end in the node as `tap`.
void make_guest(const std::string& name, const std::string& tap, const std::string& mac);
void remove_guest(const std::string& name);

// Asks by DHCP on eth0, sets what was offered; false when nobody answered.
bool dhcp(const std::string& guest);

// Answers connections to a TCP port in a namespace until the object goes, with what a shell command
// says: "hello" unless told otherwise.
class Listener {
 public:
  Listener(const std::string& where, int port, const std::string& answer = "echo hello");
  ~Listener();
  Listener(const Listener&) = delete;

 private:
  int pid_ = 0;
};

// True when `address`:`port` says hello to a client in `from` ("" is the node) within a second.
bool can_reach(const std::string& from, const std::string& address, int port);

}  // namespace angophora::nc::testing_bed
