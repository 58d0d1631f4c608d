package io.urvpn.host.linux;

/**
 * What /proc/pid/stat says (proc_pid_stat(5)).
 *
 * @param name command name, at most 15 characters
 * @param state one letter
 * @param parent process id of the parent
 * @param flags PF_* of linux/sched.h
 * @param threads 0 where none runs any more
 * @param startTicks since boot
 */
public record ProcessStat(String name, char state, int parent, long flags, int threads, long startTicks) {
    private static final long PF_KTHREAD = 0x00200000;
    /** Fields behind the name, counted from the state, which is field 3 of the manual. */
    private static final int PARENT = 1;

    private static final int FLAGS = 6;
    private static final int THREADS = 17;
    private static final int START = 19;

    /** Of the contents of the file; the name may hold spaces and parentheses. */
    public static ProcessStat parse(String contents) {
        int open = contents.indexOf('(');
        int close = contents.lastIndexOf(')');
        String[] fields = contents.substring(close + 2).strip().split(" ");
        return new ProcessStat(
                contents.substring(open + 1, close),
                fields[0].charAt(0),
                Integer.parseInt(fields[PARENT]),
                Long.parseLong(fields[FLAGS]),
                Integer.parseInt(fields[THREADS]),
                Long.parseLong(fields[START]));
    }

    /** A thread of the kernel's own, without environment or files. */
    public boolean kernelThread() {
        return (flags & PF_KTHREAD) != 0;
    }

    /** A zombie or dead, with no other thread that runs on. */
    public boolean ended() {
        return (state == 'Z' || state == 'X' || state == 'x') && threads <= 1;
    }
}
