using Microsoft.Win32.SafeHandles;

namespace Broker.Producer.Cli.Output;

/// <summary>Standard output as a plain file. The console's own stream says nothing when its reader has gone; this one fails.</summary>
internal static class StandardOutput
{
    public static Stream Open() => new FileStream(new SafeFileHandle(1, ownsHandle: false), FileAccess.Write, bufferSize: 0);
}
