using System.Reflection;

namespace Broker.Consumer.Execution;

/// <summary>Follows the references of a handler DLL, and of every assembly that is loaded for it alone, before any of its code runs.</summary>
internal sealed class ReferenceWalk
{
    private readonly DependencyPlaces _places;
    private readonly Dictionary<string, string> _own = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<UnresolvedReference> _unresolved = [];
    private readonly HashSet<string> _againstNewer = [];

    /// <exception cref="BadImageFormatException">The DLL is no portable executable.</exception>
    /// <exception cref="InvalidOperationException">The DLL is one without .NET metadata.</exception>
    public ReferenceWalk(string dll, DependencyPlaces places)
    {
        _places = places;
        var open = new Queue<string>([dll]);
        while (open.TryDequeue(out var file))
        {
            foreach (var reference in AssemblyFile.ReferencesOf(file))
            {
                if (Follow(file, reference) is { } found && _own.TryAdd(reference.Name!, found))
                    open.Enqueue(found);
            }
        }
    }

    /// <summary>The assemblies loaded for this DLL alone, name to file.</summary>
    public IReadOnlyDictionary<string, string> Own => _own;

    public IReadOnlyList<UnresolvedReference> Unresolved => _unresolved;

    /// <summary>Whether a framework assembly is among <see cref="Own"/>: types of that name are then not ours.</summary>
    public bool BringsNewerFramework => _own.Keys.Any(_places.IsFramework);

    /// <summary>Files compiled against a newer version of a shared assembly than ours. They work where ours has all they use of it.</summary>
    public IReadOnlyCollection<string> AgainstNewer => _againstNewer;

    private string? Follow(string file, AssemblyName reference)
    {
        var found = _places.FileOf(reference);
        var version = found is null ? _places.OursOf(reference) : AssemblyFile.VersionOf(found);
        if (version >= reference.Version)
            return found;
        if (version is not null && DependencyPlaces.IsShared(reference.Name!) && !UnresolvedReference.IsTheRuntime(reference.Name!))
            _againstNewer.Add(file);
        else
            _unresolved.Add(new UnresolvedReference(reference, Path.GetFileName(file), version));
        return null;
    }
}
