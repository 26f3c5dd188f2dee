using Broker.Contracts;

namespace Broker.CommandLine;

#pragma warning disable CA1032, CA1064 // Raised and caught within the programs.
/// <summary>Standard output takes no more: its reader has closed it, as <c>head</c> does, or its disk is full.</summary>
internal sealed class OutputClosedException : BrokerException
{
    public OutputClosedException(IOException inner)
        : base(IsBrokenPipe(inner) ? "standard output was closed" : $"standard output cannot be written ({inner.Message})", inner) => ReaderGone = IsBrokenPipe(inner);

    public OutputClosedException(string message)
        : base(message)
    {
    }

    /// <summary>Whether somebody read it and has stopped: no error, as a rule.</summary>
    public bool ReaderGone { get; }

    public int ExitCode => ReaderGone ? ExitCodes.ReaderGone : ExitCodes.OutputFailed;

    private static bool IsBrokenPipe(IOException error) => error.Message.Contains("Broken pipe", StringComparison.Ordinal);
}
#pragma warning restore CA1032, CA1064
