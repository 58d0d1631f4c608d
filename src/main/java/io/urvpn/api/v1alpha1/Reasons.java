package io.urvpn.api.v1alpha1;

/**
 * Reasons of conditions. Each is documented in {@code docs/troubleshooting.md}; they are part of the API and are not
 * renamed.
 */
public final class Reasons {
    /** Condition type: the tunnel carries traffic on each selected node; of a VpnCleanup: each node has its verdict. */
    public static final String READY = "Ready";
    /** Condition type: something is under way that ends by itself. */
    public static final String RECONCILING = "Reconciling";
    /** Condition type: something is wrong that does not end by itself. */
    public static final String STALLED = "Stalled";

    /** Condition type: the broker has acknowledged each message of an operation that is due. */
    public static final String NOTIFIED = "Notified";

    // Ready=True
    /** The tunnel is up on each selected node. */
    public static final String UP = "Up";
    /** Of a node: the tunnel is up, and nothing is sent through it, so that no hands are shaken (WireGuard). */
    public static final String IDLE = "Idle";
    /** Nothing selects a node, so nothing is to be done. */
    public static final String NO_NODES_SELECTED = "NoNodesSelected";
    /** An operation has its verdict for each node. */
    public static final String VERIFIED = "Verified";

    // Under way
    /** Waiting for the instance's pod to ask for its permit. */
    public static final String WAITING_FOR_POD = "WaitingForPod";
    /** The permit is given; the daemon has not made its interface yet. */
    public static final String WAITING_FOR_INTERFACE = "WaitingForInterface";
    /** The interface is there; no peer has answered yet. */
    public static final String WAITING_FOR_HANDSHAKE = "WaitingForHandshake";
    /** The tunnel is up, and the address of spec.probe does not answer through it. */
    public static final String PROBE_FAILED = "ProbeFailed";
    /** Waiting for the agent of a node. */
    public static final String WAITING_FOR_AGENT = "WaitingForAgent";
    /** Kubelet and agent of a node are silent, so that what it has now is not known. */
    public static final String NODE_SILENT = "NodeSilent";
    /** The agent of a node is silent, so that what it has now is not known. */
    public static final String AGENT_SILENT = "AgentSilent";
    /** Some nodes are not ready yet. */
    public static final String NODES_NOT_READY = "NodesNotReady";
    /** The pods are being replaced, one node after the other. */
    public static final String ROLLING = "Rolling";
    /** Pods are to be replaced, and for some minutes none has been, since one that is new does not come up. */
    public static final String ROLL_STOPPED = "RollStopped";
    /** Nothing is under way. */
    public static final String SETTLED = "Settled";

    // Down
    /** The object is being deleted; its cleanup is under way. */
    public static final String DELETING = "Deleting";
    /** A node is being detached. */
    public static final String DETACHING = "Detaching";
    /** The steps run on at least one node. */
    public static final String STEPS_RUNNING = "StepsRunning";
    /** Waiting for the instance's pods to end. */
    public static final String WAITING_FOR_PODS = "WaitingForPods";
    /** Waiting for the time of the next verification. */
    public static final String WAITING_FOR_VERIFICATION = "WaitingForVerification";
    /** Waiting for an agent to answer an ask for a verification. */
    public static final String VERIFYING = "Verifying";
    /** The last verification of at least one node failed; it is tried again every blockedRetrySeconds. */
    public static final String VERIFICATION_FAILED = "VerificationFailed";

    /** The instance is being suspended; its cleanup is under way. */
    public static final String SUSPENDING = "Suspending";
    /** The instance is suspended: its tunnel was taken down, and verified. */
    public static final String SUSPENDED = "Suspended";
    /** No Node of that name is backed by the machine that had the tunnel; it counts as gone after nodeLostAfter. */
    public static final String NODE_ABSENT = "NodeAbsent";
    /** Kubelet and agent of a node have been silent for nodeLostAfter, or the node is out of service. */
    public static final String NODE_LOST = "NodeLost";
    /** The object was let go, and a node still owes its verification. */
    public static final String DEBT_OPEN = "DebtOpen";
    /** An operation ended, and at least one node was not read: it is gone, or a person ended it. */
    public static final String NOT_READ = "NotRead";

    // Wrong, and a person is needed
    /** The Secret does not exist. */
    public static final String SECRET_NOT_FOUND = "SecretNotFound";
    /** The Secret has no key for at least one node. */
    public static final String SECRET_KEY_MISSING = "SecretKeyMissing";
    /** The configuration in the Secret cannot be used. */
    public static final String INVALID_CONFIGURATION = "InvalidConfiguration";
    /** One configuration, which is one identity for the peer, would run on more than one node. */
    public static final String SHARED_IDENTITY = "SharedIdentity";
    /** The instance's address pool has fewer addresses than nodes that need one. */
    public static final String ADDRESS_POOL_EXHAUSTED = "AddressPoolExhausted";
    /** This version does not run this type of VPN. */
    public static final String UNSUPPORTED_TYPE = "UnsupportedType";
    /** Another instance on the node holds the interface name. */
    public static final String NAME_HELD = "NameHeld";
    /** An interface of that name exists on the node and is not ours. */
    public static final String INTERFACE_NAME_TAKEN = "InterfaceNameTaken";
    /** A route or rule of somebody else stands where ours belongs. */
    public static final String FOREIGN_CONFLICT = "ForeignConflict";
    /** With the routes applied the node could not reach the API server any more; they were taken back. */
    public static final String APPLY_CUT_NODE = "ApplyCutNode";
    /** A route covers the node itself, its API server or the tunnel's own peer; nothing was set. */
    public static final String ROUTE_COVERS_NODE = "RouteCoversNode";
    /** No routing table of the configured range is free on the node. */
    public static final String NO_FREE_TABLE = "NoFreeTable";
    /** The kernel or a tool on the node refused a change. */
    public static final String APPLY_FAILED = "ApplyFailed";
    /** The agent cannot write its journal (a full disk, a read-only file system), so it does nothing. */
    public static final String JOURNAL_UNWRITABLE = "JournalUnwritable";
    /** The journal on the node was written by a version that this agent does not know. */
    public static final String UNKNOWN_JOURNAL = "UnknownJournal";

    // Messages over MQTT
    /** The broker has acknowledged each message that is due. */
    public static final String ACKNOWLEDGED = "Acknowledged";
    /** A message is on its way. */
    public static final String MESSAGE_PENDING = "MessagePending";
    /** There is no connection to the broker; the messages wait for it. */
    public static final String BROKER_UNREACHABLE = "BrokerUnreachable";
    /** The broker did not take a message; it is sent again. */
    public static final String MESSAGE_REFUSED = "MessageRefused";

    private Reasons() {}
}
