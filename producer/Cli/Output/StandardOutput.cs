using Microsoft.Win32.SafeHandles;

namespace Broker.Producer.Cli.Output;

/// <summary>
/// Standard output that raises an error when its reader has closed it, which the Console's stream ignores. A file has no reader, and
/// there the Console's stream is needed: a second stream has its own position, and later output would overwrite this one's.
/// </summary>
internal static class StandardOutput
{
    public static Stream Open()
    {
        var stream = new FileStream(new SafeFileHandle(1, ownsHandle: false), FileAccess.Write, bufferSize: 0);
        return stream.CanSeek ? Console.OpenStandardOutput() : stream;
    }
}
