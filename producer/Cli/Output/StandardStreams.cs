using Broker.CommandLine;

namespace Broker.Producer.Cli.Output;

/// <summary>
/// Which of the standard streams the program was started with. One that was closed (<c>&gt;&amp;-</c>) must not be touched: the runtime has given its number to a
/// descriptor of its own.
/// </summary>
internal static class StandardStreams
{
    private const int CloseOnExec = 0x80000; // O_CLOEXEC of Linux

    public static bool InputIsOpen => IsInherited(0);

    /// <summary>Once, before anything is written.</summary>
    /// <exception cref="OutputClosedException">There is no standard output: whatever the command did, its results would be lost.</exception>
    public static void Prepare()
    {
        if (!IsInherited(2))
            Console.SetError(TextWriter.Null);
        if (!IsInherited(1))
        {
            Console.SetOut(TextWriter.Null);
            throw new OutputClosedException("standard output is closed");
        }

        Console.SetOut(new StreamWriter(StandardOutput.Open(), leaveOpen: true) { AutoFlush = true });
    }

    /// <summary>What is inherited has no close-on-exec flag, or it would have been closed; the runtime's own descriptors all have it.</summary>
    private static bool IsInherited(int descriptor)
    {
        if (!OperatingSystem.IsLinux())
            return true;
        try
        {
            var flags = File.ReadLines($"/proc/self/fdinfo/{descriptor}").First(line => line.StartsWith("flags:", StringComparison.Ordinal));
            return (Convert.ToInt32(flags["flags:".Length..].Trim(), 8) & CloseOnExec) == 0;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
    }
}
