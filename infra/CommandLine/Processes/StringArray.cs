using System.Runtime.InteropServices;

namespace Broker.CommandLine.Processes;

/// <summary>Strings as C has them: pointers to UTF-8, then null.</summary>
internal sealed class StringArray : IDisposable
{
    private readonly List<nint> _strings;

    public StringArray(IEnumerable<string> strings)
    {
        _strings = [.. strings.Select(Marshal.StringToCoTaskMemUTF8)];
        Pointer = Marshal.AllocHGlobal((_strings.Count + 1) * nint.Size);
        for (var index = 0; index < _strings.Count; index++)
            Marshal.WriteIntPtr(Pointer, index * nint.Size, _strings[index]);
        Marshal.WriteIntPtr(Pointer, _strings.Count * nint.Size, 0);
    }

    public nint Pointer { get; }

    public void Dispose()
    {
        Marshal.FreeHGlobal(Pointer);
        foreach (var text in _strings)
            Marshal.FreeCoTaskMem(text);
    }
}
