using Microsoft.Win32.SafeHandles;

namespace Broker.Producer.Cli.Output;

/// <summary>
/// Standard output that fails when its reader has gone; the console's own stream says nothing then. A file has no reader to lose, and
/// there the console's stream is right: another one would keep a position of its own, and later output would overwrite ours.
/// </summary>
internal static class StandardOutput
{
    public static Stream Open()
    {
        var stream = new FileStream(new SafeFileHandle(1, ownsHandle: false), FileAccess.Write, bufferSize: 0);
        return stream.CanSeek ? Console.OpenStandardOutput() : stream;
    }
}
